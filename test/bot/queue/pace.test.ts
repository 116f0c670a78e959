import { expect, test } from 'vitest';
import { Pace } from '../../../src/bot/queue/pace.js';
import { aRequest } from '../request.js';

test('nothing is estimated before something like it was measured', () => {
  const pace = new Pace();
  expect(pace.seconds(aRequest(), 1000)).toBeNull();
  pace.learn(aRequest(), 1000, 2);
  expect(pace.seconds(aRequest(), 3000)).toBeCloseTo(6);
  expect(pace.seconds(aRequest({ model: 'other' }), 1000)).toBeNull();
  expect(pace.seconds(aRequest({ kind: 'img2img', strength: 0.3 }), 1000)).toBeNull();
});

test('one slow job moves the estimate, many settle it', () => {
  const pace = new Pace();
  for (let k = 0; k < 20; k++) pace.learn(aRequest(), 1000, 1);
  pace.learn(aRequest(), 1000, 11);
  expect(pace.seconds(aRequest(), 1000)).toBeCloseTo(4, 1);
  for (let k = 0; k < 30; k++) pace.learn(aRequest(), 1000, 2);
  expect(pace.seconds(aRequest(), 1000)).toBeCloseTo(2, 1);
});

test('it is kept as plain data, and damage in that is ignored', () => {
  const pace = new Pace();
  pace.learn(aRequest(), 1000, 5);
  const kept = JSON.parse(JSON.stringify(pace));
  expect(new Pace(kept).seconds(aRequest(), 1000)).toBeCloseTo(5);
  const bad = { bad: 'x', earlier: 0.5, negative: [1, 1, -1, 1, 1], short: [1, 2] };
  expect(new Pace({ ...kept, ...bad }).toJSON()).toEqual(kept);
  for (const damaged of [null, 'text', 42, undefined]) expect(new Pace(damaged).seconds(aRequest(), 1)).toBeNull();
});

test('small and large jobs are both predicted, though part of each takes a constant time', () => {
  const pace = new Pace();
  // Two seconds for any job, and one more for each thousand.
  const seconds = (work: number) => 2 + work / 1000;
  for (const work of [400, 16_000, 800, 4000, 16_000, 400]) pace.learn(aRequest(), work, seconds(work));
  for (const work of [400, 4000, 16_000]) {
    const off = pace.seconds(aRequest(), work)! / seconds(work);
    expect(off).toBeGreaterThan(0.6);
    expect(off).toBeLessThan(1.5);
  }
});

test('one quick job after many like it never makes a larger one endless, nor free', () => {
  const pace = new Pace();
  for (let k = 0; k < 5; k++) pace.learn(aRequest(), 400, 2);
  const long = pace.seconds(aRequest(), 16_000)!;
  expect(long).toBeGreaterThan(2);
  expect(long).toBeLessThanOrEqual(80.1);
});

test('measurements that contradict each other are averaged', () => {
  const pace = new Pace();
  pace.learn(aRequest(), 16_000, 2);
  pace.learn(aRequest(), 400, 20);
  expect(pace.seconds(aRequest(), 8000)).toBeGreaterThan(0);
  expect(pace.seconds(aRequest(), 400)!).toBeLessThan(pace.seconds(aRequest(), 8000)!);
});

test('a fast job is estimated by fast ones; before the first, as no longer than an exact one', () => {
  const pace = new Pace();
  pace.learn(aRequest(), 1000, 10);
  expect(pace.seconds(aRequest({ speed: 'fast' }), 1000)).toBeCloseTo(10);
  pace.learn(aRequest({ speed: 'fast' }), 1000, 6);
  expect(pace.seconds(aRequest({ speed: 'fast' }), 1000)).toBeCloseTo(6);
  expect(pace.seconds(aRequest({ speed: 'exact' }), 1000)).toBeCloseTo(10);
});
