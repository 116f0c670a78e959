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
  expect(pace.seconds(aRequest(), 1000)).toBeCloseTo(4);
  for (let k = 0; k < 30; k++) pace.learn(aRequest(), 1000, 2);
  expect(pace.seconds(aRequest(), 1000)).toBeCloseTo(2, 1);
});

test('it is kept as plain data, and damage in that is ignored', () => {
  const pace = new Pace();
  pace.learn(aRequest(), 1000, 5);
  const kept = JSON.parse(JSON.stringify(pace));
  expect(new Pace(kept).seconds(aRequest(), 1000)).toBeCloseTo(5);
  expect(new Pace({ ...kept, bad: 'x', negative: -1 }).toJSON()).toEqual(kept);
  for (const damaged of [null, 'text', 42, undefined]) expect(new Pace(damaged).seconds(aRequest(), 1)).toBeNull();
});
