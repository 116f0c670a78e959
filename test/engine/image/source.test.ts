import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EMBEDDED_MODEL } from '../../../src/engine/embedded-model.js';
import { EaselError } from '../../../src/engine/errors.js';
import { encodePng } from '../../../src/engine/image/encode.js';
import { loadPicture } from '../../../src/engine/image/load.js';
import type { Pixels } from '../../../src/engine/image/pixels.js';
import { checkPicture, nameOf, type PictureFile } from '../../../src/engine/image/source.js';
import { StableDiffusion } from '../../../src/engine/stable-diffusion.js';

const picture: Pixels = { width: 70, height: 64, data: Uint8Array.from({ length: 70 * 64 * 3 }, (_, i) => i % 251) };

let folder: string;
let path: string;
let png: Uint8Array;
let server: Server;
let web: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'easel-source-'));
  path = join(folder, 'a picture.png');
  png = await encodePng(picture);
  await writeFile(path, png);
  server = createServer(({ url }, response) => {
    if (url === '/picture.png?key=secret') return response.end(png);
    if (url === '/moved') return response.writeHead(302, { location: '/picture.png?key=secret' }).end();
    if (url === '/circle') return response.writeHead(302, { location: '/circle' }).end();
    if (url === '/large') return response.writeHead(200, { 'content-length': 1e9 }).flushHeaders();
    if (url === '/page') return response.end('<html>');
    if (url === '/slow') return;
    return response.writeHead(404).end();
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  web = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});

test('a picture is opened from a path, its bytes, and every kind of URL, also as text', async () => {
  const data = `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
  const file = pathToFileURL(path);
  const files: PictureFile[] = [path, png, Buffer.from(png), file, file.href, data, new URL(data)];
  for (const one of [...files, `${web}/picture.png?key=secret`, new URL(`${web}/moved`)]) {
    checkPicture('image', one);
    expect(await loadPicture(one)).toEqual(picture);
  }
});

describe('what cannot be had ends in one sentence', () => {
  test.each([
    ['/none.png', /\/none\.png answers 404\. Check the address\.$/],
    ['/circle', /\/circle cannot be fetched: redirect count exceeded\. Check the address\.$/],
    ['/large', /\/large is larger than 400 MB\. Use another file\.$/],
    ['/page', /\/page cannot be read as a picture/],
  ])('%s', async (at, message) => {
    const loading = loadPicture(web + at);
    await expect(loading).rejects.toThrow(message);
    await expect(loading).rejects.toBeInstanceOf(EaselError);
  });

  test.each([
    [
      'http://127.0.0.1:1/apple.png',
      /^http:\/\/127\.0\.0\.1:1\/apple\.png cannot be fetched: .+\. Check the address\.$/,
    ],
    ['data:image/png;base64,!!', /^The data: URL cannot be/],
    ['file:///no/such/apple.png', /^There is no picture at .*apple\.png\. Check the path\.$/],
  ])('%s', async (url, message) => {
    await expect(loadPicture(url)).rejects.toThrow(message);
  });

  test('a signal ends a download, and what may be secret in an address is not told', async () => {
    const stop = new AbortController();
    const loading = loadPicture(`${web}/slow`, { signal: stop.signal });
    stop.abort(new Error('enough'));
    await expect(loading).rejects.toThrow('enough');
    expect(nameOf('https://me:password@example.org/a.png?key=secret')).toBe('https://example.org/a.png');
  });
});

test('requests take files where they take pixels, cut to what the model paints; their calls keep their order', async () => {
  await using sd = await StableDiffusion.open(EMBEDDED_MODEL, { device: 'cpu', worker: false });
  const quick = { prompt: 'a cat', steps: 1, seed: 1, strength: 0.5 };
  const ended: string[] = [];
  const end = (name: string) => () => void ended.push(name);
  const [[from], [around]] = await Promise.all([
    sd.img2img({ ...quick, image: path }),
    sd.inpaint({ ...quick, image: path, mask: png }),
  ]);
  expect([from, around].map(({ pixels: { width, height } }) => [width, height])).toEqual([
    [64, 64],
    [64, 64],
  ]);
  const missing = sd.img2img({ ...quick, image: join(folder, 'none.png') }).catch(end('missing'));
  const after = sd.txt2img({ prompt: 'a cat', steps: 1, width: 64, height: 64 }).then(end('after'));
  await Promise.all([missing, after]);
  expect(ended).toEqual(['missing', 'after']);
  await expect(sd.inpaint({ ...quick, image: path, mask: { ...picture, width: 64, height: 70 } })).rejects.toThrow(
    'The mask is 64x70 but the picture is 70x64',
  );
  expect(await sd.check([path])).toEqual([false]);
});
