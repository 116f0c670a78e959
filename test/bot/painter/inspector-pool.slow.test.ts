import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import sharp from 'sharp';
import { afterEach, describe, expect, test } from 'vitest';
import { PainterDied } from '../../../src/bot/painter/child-process.js';
import { InspectorPool } from '../../../src/bot/painter/inspector-pool.js';
import type { PictureSize } from '../../../src/bot/painter/messages.js';
import { EaselError } from '../../../src/engine/errors.js';
import { packageRoot } from '../../../src/package-root.js';
import { SLOW_SVG, slowJpeg, textBomb } from '../../hostile-pictures.js';

const log = pino({ level: 'silent' });
const FORMATS = join(packageRoot, 'test/fixtures/image/formats');
const small = readFileSync(join(FORMATS, 'one.png'));
/** Long enough for a small picture on a machine that does much else. */
const TIME = 20_000;
const slow = slowJpeg();

let inspectors: InspectorPool;
afterEach(() => inspectors.close());

const size = (bytes: Uint8Array, owner: string) =>
  inspectors.run<PictureSize>({ type: 'size', bytes }, { owner, time: TIME });
const expression = (bytes: Uint8Array, owner: string, time = TIME, signal?: AbortSignal) =>
  inspectors.run<Uint8Array>({ type: 'expression', bytes, side: 128 }, { owner, time, signal });

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => null,
    (error) => error,
  );

test.each(['one.png', '420.jpg', 'lossy.webp', 'a.avif', 'anim.gif', 't.tif'])('%s is opened', async (name) => {
  inspectors = new InspectorPool(1, log);
  const bytes = readFileSync(join(FORMATS, name));
  const { width, height } = await sharp(bytes).metadata();
  expect(await size(bytes, 'alice')).toEqual({ width, height });
  expect(await sharp(await expression(bytes, 'alice')).metadata()).toMatchObject({ format: 'png', width: 128 });
});

describe('a harmful file', () => {
  test('that takes too long is given up in time, with a message, and its process ends', async () => {
    inspectors = new InspectorPool(1, log);
    const error = await failure(expression(slow, 'mallory', 1000));
    expect(error).toBeInstanceOf(EaselError);
    expect(error.meaning.code).toBe('tooHard');
    expect(error.cause.message).toMatch(/said nothing for 1 s and was killed/);
    // The next gets another process.
    expect(await expression(small, 'mallory')).toBeInstanceOf(Uint8Array);
  });

  test('that takes too much memory is stopped at the limit', async () => {
    // 30 million pixels need 200 MB and more of it, whatever the format.
    inspectors = new InspectorPool(1, log, { memory: 150e6 });
    const create = { width: 6000, height: 5000, channels: 3, background: '#987' } as const;
    const large = await sharp({ create }).jpeg({ progressive: true }).toBuffer();
    const fit = { sizeStep: 64, area: 128 * 128 };
    const error = await failure(inspectors.run({ type: 'source', bytes: large, fit }, { owner: 'a', time: 60_000 }));
    expect(error).toBeInstanceOf(EaselError);
    inspectors.close();
    inspectors = new InspectorPool(1, log);
    expect(await inspectors.run({ type: 'source', bytes: large, fit }, { owner: 'a', time: 60_000 })).toBeTruthy();
  });

  test.each([
    ['an SVG', SLOW_SVG],
    ['half a picture', small.subarray(0, 40)],
  ])('by nothing but what it is, is refused and its process goes on: %s', async (_, bytes) => {
    inspectors = new InspectorPool(1, log);
    expect((await failure(expression(bytes, 'alice'))).meaning.code).toBe('unreadable');
    expect(await size(small, 'alice')).toBeTruthy();
  });

  test.each(['zTXt', 'iTXt'] as const)('by its %s is read like any other', async (type) => {
    inspectors = new InspectorPool(1, log, { memory: 400e6 });
    expect(await size(textBomb(type), 'mallory')).toEqual({ width: 64, height: 64 });
    expect(await expression(textBomb(type), 'mallory')).toBeInstanceOf(Uint8Array);
  });
});

describe('of many', () => {
  test('one member’s slow files take one place, and fail nobody else’s', async () => {
    inspectors = new InspectorPool(2, log);
    const hostile = Array.from({ length: 4 }, () => failure(expression(slow, 'mallory', 60_000)));
    const done: string[] = [];
    for (const member of ['alice', 'bob', 'carol']) {
      await expression(small, member);
      done.push(member);
    }
    expect(done).toHaveLength(3);
    await inspectors.close();
    for (const error of await Promise.all(hostile)) expect(error).toBeInstanceOf(PainterDied);
  });

  test('two members’ slow files make others wait, and no longer than they may take', async () => {
    inspectors = new InspectorPool(2, log);
    const hostile = ['mallory', 'mallet'].flatMap((member) =>
      Array.from({ length: 3 }, () => failure(expression(slow, member, 1000))),
    );
    expect(await expression(small, 'alice')).toBeInstanceOf(Uint8Array);
    for (const error of await Promise.all(hostile)) expect(error.meaning.code).toBe('tooHard');
  });

  test('one member has only so many at a time', async () => {
    inspectors = new InspectorPool(1, log, { mostOfOne: 2 });
    const first = [size(small, 'alice'), size(small, 'alice')];
    expect((await failure(size(small, 'alice'))).meaning.code).toBe('picturesBusy');
    expect(await size(small, 'bob')).toBeTruthy();
    await Promise.all(first);
    expect(await size(small, 'alice')).toBeTruthy();
  });
});

test('a spare process waits for the next picture, also after one that had to be killed', async () => {
  inspectors = new InspectorPool(2, log);
  inspectors.keepSpare();
  const spare = () => readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').split(' ').filter(Boolean).length;
  await expect.poll(spare).toBe(1);
  expect((await failure(expression(slow, 'mallory', 100))).meaning.code).toBe('tooHard');
  await expect.poll(spare).toBe(1);
  expect(await size(small, 'alice')).toBeTruthy();
});

test('a caller that stops waiting is released at once, and so is the process', async () => {
  inspectors = new InspectorPool(1, log);
  await expression(small, 'alice');
  const abort = new AbortController();
  const running = failure(expression(slow, 'alice', 60_000, abort.signal));
  const waiting = failure(expression(slow, 'alice', 60_000, abort.signal));
  const elsewhere = failure(expression(slow, 'bob', 60_000, abort.signal));
  await sleep(200);
  abort.abort(new Error('cancelled'));
  for (const error of [await running, await waiting, await elsewhere]) expect(error.message).toBe('cancelled');
  // The only place is free again.
  expect(await expression(small, 'carol')).toBeInstanceOf(Uint8Array);
});
