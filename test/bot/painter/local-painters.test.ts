import pino from 'pino';
import { expect, test } from 'vitest';
import { LocalPainters, threadsOfEach } from '../../../src/bot/painter/local-painters.js';
import { painterConfig } from './config.js';

const start = (count: number, free: number, warnings: object[] = []) => {
  const log = pino({ level: 'warn' }, { write: (line) => void warnings.push(JSON.parse(line)) });
  return LocalPainters.start({ ...painterConfig, devices: Array(count).fill('cpu') }, log, free);
};

test('each painter has a name of its own', async () => {
  const painters = start(3, 9e9);
  await painters.keepThoseThatFit(3e9);
  expect(painters.all.map(({ name }) => name)).toEqual(['painter 1', 'painter 2', 'painter 3']);
  await painters.close();
});

test('as many are kept as there is memory for, at least one, and the log says so', async () => {
  const warnings: object[] = [];
  for (const [free, kept] of [
    [7e9, 2],
    [1e9, 1],
  ] as const) {
    const painters = start(4, free, warnings);
    await painters.keepThoseThatFit(3e9);
    expect(painters.all).toHaveLength(kept);
    expect(warnings.pop()).toMatchObject({ painters: 4, fit: kept, bytesOfEach: 3e9 });
    await painters.close();
  }
});

test('painters on the processor share its threads; one has them all, and a GPU needs none', () => {
  expect(threadsOfEach(['cpu'], undefined, 8)).toBeUndefined();
  expect(threadsOfEach(['cpu', 'cpu'], undefined, 8)).toBe(4);
  expect(threadsOfEach(['auto', 'auto', 'auto'], 8, 2)).toBe(2);
  expect(threadsOfEach(['cpu', 'cpu', 'cpu'], undefined, 2)).toBe(1);
  expect(threadsOfEach(['cuda:0', 'cuda:1', 'cpu'], 6, 8)).toBe(6);
});
