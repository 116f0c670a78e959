import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { download } from '../../src/pull/download.js';
import type { Plan } from '../../src/pull/plan.js';
import { pull } from '../../src/pull/pull.js';
import { Web } from '../../src/pull/web.js';
import { HubServer, sendStart, sha256 } from './hub-server.js';

const BYTES = Buffer.alloc(100_000, 'weights ');

let hub: HubServer;
let folder: string;

beforeEach(async () => {
  hub = await HubServer.start();
  hub.repos['a/b'] = { files: { 'x.safetensors': BYTES } };
  folder = mkdtempSync(join(tmpdir(), 'easel-web-'));
});

afterEach(async () => {
  await hub[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const webWith = (options: Partial<ConstructorParameters<typeof Web>[0]> = {}) =>
  new Web({ credentials: new Map(), signal: new AbortController().signal, patience: 200, ...options });
const wanted = () => ({
  url: new URL(`${hub.cdn}/a/b/x.safetensors`),
  path: join(folder, 'x.safetensors'),
  size: BYTES.length,
  sha256: sha256(BYTES),
});
const planned = (): Plan => ({
  title: 'x',
  page: hub.cdn,
  licence: undefined,
  name: 'x.safetensors',
  files: [{ ...wanted(), to: 'x.safetensors', atHand: [] }],
});
const pullWith = (web: Web, free?: () => Promise<number>) =>
  pull(web, planned(), {
    endpoint: new URL(hub.url),
    modelsDir: folder,
    onProgress() {},
    onFile() {},
    ...(free && { free }),
  });

test('a host that brings nothing any more is left, and what it brought is kept', async () => {
  hub.cdnFault = (_, response) => sendStart(response, BYTES.subarray(0, 1000), BYTES.length);
  await using web = webWith();
  await expect(download(web, wanted(), () => {})).rejects.toThrow(/(brings nothing|broke the connection).*is kept/s);
  expect(readdirSync(folder).sort()).toEqual(['x.safetensors.part', 'x.safetensors.part.json']);
});

test('a host that brings one byte now and then is left, too', async () => {
  const timers: NodeJS.Timeout[] = [];
  hub.cdnFault = (_, response) => {
    response.writeHead(200, { 'content-length': BYTES.length });
    timers.push(setInterval(() => response.write('x'), 50));
    return true;
  };
  await using web = webWith();
  await expect(download(web, wanted(), () => {})).rejects.toThrow(/brings nothing any more/);
  timers.forEach(clearInterval);
});

test('a host that never answers is left', async () => {
  hub.cdnFault = () => true;
  await using web = webWith();
  await expect(download(web, wanted(), () => {})).rejects.toThrow(/cannot be reached or broke the connection/);
});

test('a circle of redirects ends, and none leads from https or http to anything else', async () => {
  await using web = webWith();
  hub.cdnFault = (request, response) => Boolean(response.writeHead(302, { location: request.url }).end());
  await expect(web.get(wanted().url, {})).rejects.toThrow(/without end/);
  hub.cdnFault = (_, response) => Boolean(response.writeHead(302, { location: 'file:///etc/passwd' }).end());
  await expect(web.get(wanted().url, {})).rejects.toThrow(/not safe/);
});

test('the disk is asked for space before anything is fetched', async () => {
  await using web = webWith();
  await expect(pullWith(web, async () => 64 * 2 ** 20)).rejects.toThrow(/needs 100 KB, but only 68 MB are free/);
  expect(hub.seen).toEqual([]);
  await expect(pullWith(web, async () => 65 * 2 ** 20)).resolves.toHaveLength(1);
});

test('a proxy is used, for hosts that are not excepted', async () => {
  const through: string[] = [];
  const proxy = createServer().on('connect', (request, socket) => {
    through.push(request.url!);
    const [host, port] = request.url!.split(':');
    const target = connect(Number(port), host, () => socket.write('HTTP/1.1 200 OK\r\n\r\n'));
    target.pipe(socket).pipe(target);
    socket.on('error', () => target.destroy());
    target.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const httpProxy = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  {
    await using web = webWith({ proxies: { httpProxy }, patience: 5000 });
    await download(web, wanted(), () => {});
    expect(through).toEqual([new URL(hub.cdn).host]);
    await using direct = webWith({ proxies: { httpProxy, noProxy: '127.0.0.1' } });
    await (await direct.get(wanted().url, {})).body?.cancel();
    expect(through).toHaveLength(1);
  }
  proxy.closeAllConnections();
  await new Promise((resolve) => proxy.close(resolve));
});
