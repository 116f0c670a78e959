import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { apiErrorOf } from '../../../src/bot/api/api-error.js';
import { boundedBodies } from '../../../src/bot/api/bodies.js';

function app(most?: number): Hono {
  const made = new Hono();
  made.onError((error, c) => c.json(error.message, apiErrorOf(error)?.status ?? 500));
  made.use(boundedBodies(most));
  made.post('/', async (c) => c.text(await c.req.text()));
  return made;
}

function inPieces(...pieces: (string | Error)[]): RequestInit {
  const rest = pieces.values();
  const body = new ReadableStream({
    pull(stream) {
      const { value, done } = rest.next();
      if (done) stream.close();
      else if (value instanceof Error) stream.error(value);
      else stream.enqueue(Buffer.from(value));
    },
  });
  return { method: 'POST', body, duplex: 'half' } as RequestInit;
}

test('a body may come in pieces, but not be larger than others', async () => {
  expect(await (await app().request('/', inPieces('a', 'b'))).text()).toBe('ab');
  expect((await app(2).request('/', inPieces('a', 'b', 'c'))).status).toBe(413);
});

test('whoever goes away in the middle of a body is no fault of the server', async () => {
  expect((await app().request('/', inPieces('a', new Error('aborted')))).status).toBe(400);
});
