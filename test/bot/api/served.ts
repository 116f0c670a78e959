import { type ClientRequest, request } from 'node:http';
import pino from 'pino';
import sharp from 'sharp';
import { type Serving, startServing } from '../../../src/bot/serve.js';
import { loadServeConfig } from '../../../src/config.js';

/** `easel serve` in this process: its real queue, painter process and embedded model. @param env on top of the defaults. */
export function serve(env: NodeJS.ProcessEnv = {}): Promise<Serving> {
  const { EASEL_CACHE, PATH, HOME } = process.env;
  const config = loadServeConfig({}, { EASEL_CACHE, PATH, HOME, API_PORT: '0', THREADS: '1', ...env });
  return startServing(config, pino({ level: 'silent' }));
}

/** A picture of one colour; with a transparent square in its middle, if asked for. */
export async function picture(width = 128, height = 128, { hole = false, background = '#c33' } = {}): Promise<Buffer> {
  const whole = sharp({ create: { width, height, channels: 4, background } });
  if (!hole) return whole.png().toBuffer();
  const size = { width: width / 2, height: height / 2 };
  const cut = await sharp({ create: { ...size, channels: 4, background: '#000' } })
    .png()
    .toBuffer();
  return whole
    .composite([{ input: cut, blend: 'dest-out' }])
    .png()
    .toBuffer();
}

/** Pixels [left, top) of a picture as RGB. */
export async function pixelAt(file: Uint8Array, left: number, top: number): Promise<number[]> {
  const part = sharp(file).removeAlpha().extract({ left, top, width: 1, height: 1 });
  return [...(await part.raw().toBuffer())];
}

/** A request with headers that `fetch` would not send, or whose end is in the caller's hands. */
export function plainRequest(
  url: string,
  headers: Record<string, string> = {},
  body?: string,
  method = body === undefined ? 'GET' : 'POST',
): {
  sent: ClientRequest;
  answered: Promise<{ status: number; text: string; headers: NodeJS.Dict<string | string[]> }>;
} {
  const sent = request(url, { method, headers });
  const answered = new Promise<{ status: number; text: string; headers: NodeJS.Dict<string | string[]> }>(
    (resolve, reject) => {
      sent.on('error', reject);
      sent.on('response', async (response) => {
        let text = '';
        for await (const part of response) text += part;
        resolve({ status: response.statusCode!, text, headers: response.headers });
      });
    },
  );
  sent.end(body);
  return { sent, answered };
}
