import OpenAI, { type APIError, toFile } from 'openai';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Serving } from '../../../src/bot/serve.js';
import { DEFAULT_MODEL } from '../../../src/config.js';
import { readMetadata } from '../../../src/engine/image/metadata.js';
import { SIDE } from '../../embedded.js';
import { picture, pixelAt, plainRequest, serve } from './served.js';

// OpenAI's own client against `easel serve`, its queue, a painter process and the embedded model.

const KEY = 'a key for tests';
let serving: Serving;
let client: OpenAI;
beforeAll(async () => {
  serving = await serve({ EASEL_API_KEY: KEY.replaceAll(' ', '-') });
  client = new OpenAI({ baseURL: `${serving.url}/v1`, apiKey: KEY.replaceAll(' ', '-'), maxRetries: 0 });
});
afterAll(() => serving.stop());

const bytesOf = (image: OpenAI.Image) => Buffer.from(image.b64_json!, 'base64');
const png = async (bytes: Buffer, name = 'picture.png') => toFile(bytes, name, { type: 'image/png' });
/** The error that a call ends with. */
const refused = (call: Promise<unknown>) =>
  call.then(
    () => null,
    (error) => error as APIError,
  );
/** What Stable Diffusion takes beside OpenAI's fields. */
const own = (fields: Record<string, unknown>) => fields as object;

test('a generation gives as many pictures as asked for, as they are asked for, with their parameters', async () => {
  const { data, size, output_format } = (await client.images.generate({
    model: 'gpt-image-1',
    prompt: 'a red apple',
    n: 2,
    size: '128x128' as '1024x1024',
    ...own({ seed: 7, steps: 2, negative_prompt: 'blue' }),
  })) as OpenAI.ImagesResponse;
  expect({ size, output_format }).toEqual({ size: '128x128', output_format: 'png' });
  const made = await Promise.all(data!.map(async (image) => readMetadata(bytesOf(image))));
  expect(made).toMatchObject([{ prompt: 'a red apple', negative: 'blue', seed: 7, steps: 2, width: 128 }, { seed: 8 }]);
});

test('by default pictures have addresses that need no key, and the usual size of the model', async () => {
  const { data } = await client.images.generate({
    prompt: 'a fox',
    output_format: 'webp',
    ...own({ steps: 1 }),
  });
  const response = await fetch(data![0]!.url!);
  expect(response.headers.get('content-type')).toBe('image/webp');
  const file = Buffer.from(await response.arrayBuffer());
  expect(await sharp(file).metadata()).toMatchObject({ format: 'webp', width: SIDE, height: SIDE });
  expect(await readMetadata(file)).toMatchObject({ prompt: 'a fox', steps: 1 });
  expect((await fetch(`${serving.url}/pictures/${'0'.repeat(32)}`)).status).toBe(404);
});

test('an edit repaints what is transparent in the mask, and nothing else', async () => {
  const { data } = await client.images.edit({
    image: await png(await picture(SIDE, SIDE)),
    mask: await png(await picture(SIDE, SIDE, { hole: true }), 'mask.png'),
    prompt: 'a blue fish',
    response_format: 'b64_json',
    ...own({ steps: 4, seed: 3 }),
  });
  const file = bytesOf(data![0]!);
  expect(await readMetadata(file)).toMatchObject({ prompt: 'a blue fish', seed: 3, strength: 0.9 });
  const [r, g, b] = await pixelAt(file, 4, 4);
  expect(Math.abs(r! - 0xcc) + Math.abs(g! - 0x33) + Math.abs(b! - 0x33)).toBeLessThan(12);
  const middle = await pixelAt(file, SIDE / 2, SIDE / 2);
  expect(Math.abs(middle[0]! - 0xcc) + Math.abs(middle[1]! - 0x33) + Math.abs(middle[2]! - 0x33)).toBeGreaterThan(30);
});

test('an edit without a mask changes the whole picture, and several pictures are combined', async () => {
  const one = await png(await picture(), 'one.png');
  const other = await png(await picture(96, 200, { background: '#36c' }), 'other.png');
  const fields = { prompt: 'a car', response_format: 'b64_json', ...own({ steps: 4 }) } as const;
  const [whole, blended] = await Promise.all([
    client.images.edit({ image: one, ...fields, ...own({ strength: 0.5 }) }),
    client.images.edit({ image: [one, other], ...fields }),
  ]);
  expect(await readMetadata(bytesOf(whole.data![0]!))).toMatchObject({ strength: 0.5, prompt: 'a car' });
  expect(await readMetadata(bytesOf(blended.data![0]!))).toMatchObject({ blend: '50% + 50%' });
});

test('an edit may come as JSON, with the pictures in it and no others', async () => {
  const image_url = `data:image/png;base64,${(await picture(128, 128, { hole: true })).toString('base64')}`;
  const send = (images: object[]) => {
    const body = { prompt: 'a fish', images, steps: 2, response_format: 'b64_json' };
    return client.post('/images/edits', { body }) as Promise<OpenAI.ImagesResponse>;
  };
  const { data } = await send([{ image_url }]);
  expect(await readMetadata(bytesOf(data![0]!))).toMatchObject({ prompt: 'a fish', strength: 0.9 });
  const elsewhere = await refused(send([{ image_url: 'http://127.0.0.1/picture.png' }]));
  expect(elsewhere).toMatchObject({ status: 400, param: 'images.0.image_url' });
  expect(await refused(send([{ file_id: 'file-1' }]))).toMatchObject({ status: 400 });
});

test('a variation is of the picture that is sent, in the size that is asked for', async () => {
  const { data } = await client.images.createVariation({
    image: await png(await picture(300, 200)),
    n: 2,
    size: '256x256',
    response_format: 'b64_json',
    ...own({ steps: 2 }),
  });
  expect(data).toHaveLength(2);
  expect(await sharp(bytesOf(data![0]!)).metadata()).toMatchObject({ width: 256, height: 256 });
});

test('the models are listed by name; OpenAI’s own stand for the usual one, and others are not found', async () => {
  const names = [];
  for await (const { id } of client.models.list()) names.push(id);
  expect(names).toContain(DEFAULT_MODEL);
  expect((await client.models.retrieve('dall-e-3')).id).toBe(DEFAULT_MODEL);
  const error = await refused(client.images.generate({ prompt: 'a fox', model: 'nobody/knows-it' }));
  expect(error).toMatchObject({ status: 404, code: 'model_not_found' });
});

test('what is wrong with a request is said as OpenAI says it', async () => {
  const none = new OpenAI({ baseURL: `${serving.url}/v1`, apiKey: 'another-key', maxRetries: 0 });
  expect(await refused(none.images.generate({ prompt: 'a fox' }))).toBeInstanceOf(OpenAI.AuthenticationError);
  expect(await refused(none.models.list())).toMatchObject({ status: 401, code: 'invalid_api_key' });
  expect(await refused(client.images.generate({ prompt: 'a fox', n: 99 }))).toMatchObject({ status: 400, param: 'n' });
  expect(await refused(client.images.generate({ prompt: 'a fox', size: 'large' }))).toMatchObject({ param: 'size' });
  expect(await refused(client.images.generate({ prompt: '' }))).toBeInstanceOf(OpenAI.BadRequestError);
  const text = await toFile(Buffer.from('no picture'), 'picture.png');
  expect(await refused(client.images.createVariation({ image: text }))).toMatchObject({ status: 400 });
  const opaque = { image: await png(await picture()), mask: await png(await picture()), prompt: 'a fox' };
  expect(await refused(client.images.edit(opaque))).toMatchObject({ status: 400, param: 'mask' });
  const huge = { prompt: 'a fox', ...own({ padding: 'x'.repeat(33 * 2 ** 20) }) };
  expect(await refused(client.images.generate(huge))).toMatchObject({ status: 413 });
});

test('whoever goes away takes their job along, and the next one is painted', async () => {
  const abort = new AbortController();
  const long = client.images.generate(
    { prompt: 'a fox', ...own({ steps: 150, size: '256x256' }) },
    { signal: abort.signal },
  );
  const behind = client.images.generate({ prompt: 'an apple', ...own({ steps: 1 }) });
  setTimeout(() => abort.abort(), 500);
  const began = performance.now();
  expect(await refused(long)).toBeInstanceOf(OpenAI.APIUserAbortError);
  expect((await behind).data).toHaveLength(1);
  console.log(`after the one in front was given up, the next took ${Math.round(performance.now() - began)} ms`);
});

test('web pages from elsewhere are refused, also under a name that leads here', async () => {
  const open = await serve();
  const body = JSON.stringify({ prompt: 'a fox', steps: 1 });
  const json = { 'content-type': 'application/json' };
  const address = `${open.url}/v1/images/generations`;
  const from = async (headers: Record<string, string>) => (await plainRequest(address, headers, body).answered).status;
  try {
    expect(await from({ ...json, host: 'rebound.example:80' })).toBe(403);
    expect(await from({ ...json, origin: 'https://elsewhere.example' })).toBe(403);
    expect(await from({ 'content-type': 'text/plain' })).toBe(415);
    expect(await from(json)).toBe(200);
  } finally {
    await open.stop();
  }
});
