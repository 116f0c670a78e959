import { expect, test } from 'vitest';
import { Entry } from '../../../src/bot/queue/entry.js';
import { aJob } from '../request.js';

test('a job only changes state as allowed', () => {
  const entry = new Entry(aJob());
  expect(() => entry.become('running')).toThrow('saving');
  entry.become('waiting');
  expect(() => entry.become('saving')).toThrow('waiting');
  entry.become('running');
  expect(entry.startedAt).toBeGreaterThan(0);
  entry.become('ended');
  entry.become('ended');
  expect(() => entry.become('waiting')).toThrow('ended');
});

test('it is cancelled or stopped, once, and not after its end', () => {
  const cancelled = new Entry(aJob());
  expect(cancelled.cancel()).toBe(true);
  cancelled.stop();
  expect([cancelled.cancel(), cancelled.cancelled, cancelled.stopped]).toEqual([false, true, false]);

  const stopped = new Entry(aJob());
  stopped.stop();
  expect([stopped.cancel(), stopped.cancelled, stopped.stopped]).toEqual([false, false, true]);

  const ended = new Entry(aJob());
  ended.become('ended');
  ended.stop();
  expect([ended.cancel(), ended.signal.aborted]).toEqual([false, false]);
});
