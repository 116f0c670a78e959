import { expect, test } from 'vitest';
import { SharedClock } from '../../../src/bot/queue/shared-clock.js';

test('whoever is alone has all of the time, and several have their part of it', () => {
  let now = 5000;
  const clock = new SharedClock(() => now);
  const first = clock.enter();
  now += 3000;
  const second = clock.enter();
  expect([first.seconds, second.seconds, first.company]).toEqual([3, 0, 2]);
  now += 4000;
  expect([first.seconds, second.seconds]).toEqual([5, 2]);
  first.leave();
  now += 1000;
  first.leave();
  expect([first.seconds, second.seconds, second.company]).toEqual([5, 3, 1]);
});

test('time in which nobody was there is nobody\u2019s', () => {
  let now = 0;
  const clock = new SharedClock(() => now);
  now += 10_000;
  const share = clock.enter();
  now += 1000;
  expect(share.seconds).toBe(1);
});
