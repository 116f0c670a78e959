import type { Context } from 'hono';
import { DiscordError } from '../error.js';
import type { MessageInput, UploadedFile } from '../message-input.js';
import { LIMITS } from '../rules/limits.js';

/** A request's JSON and its files: `application/json`, or multipart with `payload_json` and `files[n]`. */
export async function readBody(c: Context): Promise<{ input: MessageInput; files: UploadedFile[] }> {
  const type = c.req.header('content-type') ?? '';
  if (Number(c.req.header('content-length') ?? 0) > LIMITS.request) {
    throw new DiscordError(413, 40005, 'Request entity too large');
  }
  if (!type.startsWith('multipart/')) {
    const text = await c.req.text();
    return { input: text ? parse(text) : {}, files: [] };
  }
  const form = await c.req.formData();
  const files: UploadedFile[] = [];
  let input: MessageInput = {};
  for (const [name, value] of form) {
    if (typeof value === 'string') {
      if (name === 'payload_json') input = parse(value);
      else input[name] = value;
      continue;
    }
    const n = Number(/^files?\[(\d+)\]$/.exec(name)?.[1] ?? files.length);
    files.push({
      n,
      name: value.name,
      type: value.type || typeOf(value.name),
      bytes: new Uint8Array(await value.arrayBuffer()),
    });
  }
  return { input, files };
}

function parse(text: string): MessageInput {
  try {
    return JSON.parse(text);
  } catch {
    throw new DiscordError(400, 50109, 'The request body contains invalid JSON.');
  }
}

const TYPES: Record<string, string> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
  avif: 'image/avif',
  tif: 'image/tiff',
  tiff: 'image/tiff',
  svg: 'image/svg+xml',
  txt: 'text/plain; charset=utf-8',
};

/** Discord derives a file's type from its name if the sender gives none. */
export function typeOf(name: string): string {
  return TYPES[name.split('.').at(-1)!.toLowerCase()] ?? 'application/octet-stream';
}
