import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Painter } from '../../../src/bot/painter/painter.js';
import { DEFAULT_MODEL } from '../../../src/config.js';
import { aRequest } from '../request.js';
import { painterConfig } from './config.js';

const config = { ...painterConfig, modelsDir: mkdtempSync(join(tmpdir(), 'easel-models-')) };
/** Of the painters that were started, in order. */
const started: { model: string; child: number }[] = [];
const log = pino({ level: 'info' }, { write: (line) => void started.push(JSON.parse(line)) });
let painter: Painter;

beforeAll(() => {
  for (const name of ['first', 'second']) {
    cpSync(join(painterConfig.modelsDir, DEFAULT_MODEL), join(config.modelsDir, name), { recursive: true });
  }
});
afterEach(async () => {
  await painter.close();
  started.length = 0;
});
afterAll(() => rmSync(config.modelsDir, { recursive: true }));

const paint = (model: string, onProgress?: () => void) =>
  painter.paint(aRequest({ model, steps: 2 }), onProgress && { onProgress });

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('the model that comes next is opened in a second process while the first paints, and then takes its place', async () => {
  painter = new Painter(config, log);
  await paint('first', () => painter.prepare('second'));
  await expect.poll(() => started.map(({ model }) => model)).toEqual(['first', 'second']);
  const [first, second] = started.map(({ child }) => child) as [number, number];
  expect(painter.pid).toBe(first);
  expect((await paint('second')).pictures).toHaveLength(1);
  expect(painter.pid).toBe(second);
  expect(started).toHaveLength(2);
  await expect.poll(() => isAlive(first)).toBe(false);
  expect(painter.restarts).toBe(0);
});

test('without memory for two, the second starts when the first has ended', async () => {
  painter = new Painter(config, log, {}, () => 300e6);
  await paint('first', () => painter.prepare('second'));
  const first = painter.pid!;
  await paint('second');
  expect(started.map(({ model }) => model)).toEqual(['first', 'second']);
  expect(painter.pid).toBe(started[1]!.child);
  expect(isAlive(first)).toBe(false);
});

test('a painter that is prepared before the first job paints it, also when another model was to be next', async () => {
  painter = new Painter(config, log);
  painter.prepare('second');
  // In the same turn: what loads modules after it blocks the event loop.
  expect(started).toHaveLength(1);
  painter.prepare('first');
  await expect.poll(() => started.map(({ model }) => model)).toEqual(['second', 'first']);
  await paint('first');
  expect(painter.pid).toBe(started[1]!.child);
  expect(isAlive(started[0]!.child)).toBe(false);
});

test('a model that cannot be opened is only told by the job that asks for it', async () => {
  painter = new Painter(config, log);
  await paint('first');
  painter.prepare('missing');
  await expect.poll(() => started).toHaveLength(2);
  expect((await paint('first')).pictures).toHaveLength(1);
  await expect(paint('missing')).rejects.toThrow(/missing/);
});
