import { expect, test } from 'vitest';
import { CpuMeter } from '../../../src/bot/painter/cpu-meter.js';

test('a job alone gets all that is spent while it is painted, and nothing of before or after', () => {
  let spent = 5;
  const meter = new CpuMeter(() => spent);
  spent = 7;
  const end = meter.begin();
  spent = 10;
  expect(end()).toBe(3);
  spent = 20;
  const next = meter.begin();
  spent = 21;
  expect(next()).toBe(1);
});

test('jobs share what is spent while they are painted together', () => {
  let spent = 0;
  const meter = new CpuMeter(() => spent);
  const first = meter.begin();
  spent = 2;
  const second = meter.begin();
  spent = 6;
  expect(first()).toBe(4);
  spent = 7;
  expect(second()).toBe(3);
});
