import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createGzip, gzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import { DownloadError, download } from '../../../src/bot/gateway/download.js';

const MB = 2 ** 20;
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const LIMITS = { bytes: 10 * MB, time: 1500 };

let server: Server;
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

async function serve(listener: RequestListener): Promise<string> {
  server = createServer(listener).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/x.png`;
}

/**
 * Sends zeros as fast as they are read, until the connection closes. @returns how many were sent, and whether it
 * closed.
 */
function endless(): { listener: RequestListener; sent: () => number; closed: Promise<void> } {
  let sent = 0;
  let close!: () => void;
  const closed = new Promise<void>((resolve) => {
    close = resolve;
  });
  const listener: RequestListener = (_, response) => {
    response.writeHead(200, { 'content-type': 'image/png' });
    response.on('close', close);
    const more = () => {
      while (!response.destroyed) {
        sent += MB;
        if (!response.write(Buffer.alloc(MB))) return void response.once('drain', more);
      }
    };
    more();
  };
  return { listener, sent: () => sent, closed };
}

/** The most bytes that this process holds while something runs. */
async function peakWhile(act: () => Promise<unknown>): Promise<number> {
  const before = process.memoryUsage.rss();
  let peak = before;
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 5);
  await act();
  clearInterval(watch);
  return Math.max(peak, process.memoryUsage.rss()) - before;
}

test('a body is downloaded completely', async () => {
  const body = Buffer.from(Array.from({ length: 3 * MB }, (_, i) => i % 251));
  const url = await serve((_, response) => response.end(body));
  expect(body.equals(await download(url, LIMITS))).toBe(true);
  expect(await download(url, { ...LIMITS, bytes: body.length })).toHaveLength(body.length);
});

test('an endless body is cut off at the limit, and its connection closed', async () => {
  const { listener, sent, closed } = endless();
  const url = await serve(listener);
  const grown = await peakWhile(() => expect(download(url, LIMITS)).rejects.toThrow('more than 10485760 bytes'));
  await closed;
  expect(sent()).toBeLessThan(64 * MB);
  expect(grown).toBeLessThan(128 * MB);
});

test('a body that only trickles ends at the deadline, even when nothing but the server remembers it', async () => {
  let close!: () => void;
  const closed = new Promise<void>((resolve) => {
    close = resolve;
  });
  const url = await serve((_, response) => {
    response.writeHead(200).flushHeaders();
    const drip = setInterval(() => response.write('.'), 20);
    response.on('close', () => {
      clearInterval(drip);
      close();
    });
  });
  const downloading = download(url, { ...LIMITS, time: 600 });
  const failed = expect(downloading).rejects.toThrow('longer than 600 ms');
  // Whatever fetch only holds weakly is collected by now.
  await sleep(200);
  collect();
  await failed;
  await closed;
});

test('a server that accepts but never answers is given up at the deadline', async () => {
  const url = await serve(() => {});
  await expect(download(url, { ...LIMITS, time: 200 })).rejects.toThrow('longer than 200 ms');
});

test.each(['gzip', 'deflate', 'br', 'gzip, gzip', 'x-unknown'])(
  'a body packed with %s is not unpacked',
  async (name) => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'content-encoding': name });
      response.end(gzipSync('a'));
    });
    await expect(download(url, LIMITS)).rejects.toThrow(`packed with ${name}`);
  },
);

test('a megabyte that would unpack to a gigabyte costs next to nothing', async () => {
  const url = await serve((_, response) => {
    response.writeHead(200, { 'content-encoding': 'gzip' });
    const gzip = createGzip();
    gzip.pipe(response);
    const block = Buffer.alloc(16 * MB);
    let left = 64;
    const more = () => {
      while (left-- > 0) if (!gzip.write(block)) return void gzip.once('drain', more);
      gzip.end();
    };
    response.on('close', () => gzip.destroy());
    more();
  });
  const grown = await peakWhile(() => expect(download(url, LIMITS)).rejects.toThrow('packed with gzip'));
  expect(grown).toBeLessThan(128 * MB);
});

test('it is requested uncompressed', async () => {
  let asked: string | undefined;
  const url = await serve(({ headers }, response) => {
    asked = headers['accept-encoding'];
    response.end('a');
  });
  await download(url, LIMITS);
  expect(asked).toBe('identity');
});

test('a declared length above the limit is refused without reading', async () => {
  const url = await serve((_, response) => response.writeHead(200, { 'content-length': 2 ** 40 }).flushHeaders());
  await expect(download(url, LIMITS)).rejects.toThrow('1099511627776 bytes, more than 10485760');
});

test('redirects, errors and bodies that are cut off are failures', async () => {
  const url = await serve(({ url: path }, response) => {
    if (path === '/there') response.end('secret of another host');
    else if (path === '/x.png') response.writeHead(302, { location: '/there' }).end();
    else if (path === '/404') response.writeHead(404).end('{}');
    else response.writeHead(200, { 'content-length': 100 }).write('half', () => response.destroy());
  });
  for (const path of ['/x.png', '/404', '/half']) {
    await expect(download(new URL(path, url).href, LIMITS)).rejects.toBeInstanceOf(DownloadError);
  }
});
