import Keyv from 'keyv';
import { expect, test } from 'vitest';
import { Entry } from '../../../src/bot/queue/entry.js';
import { Estimates, type Lane } from '../../../src/bot/queue/estimates.js';
import { SharedClock } from '../../../src/bot/queue/shared-clock.js';
import { aJob } from '../request.js';

const log = { warn() {} };

/** Estimates that know that a job takes a tenth of a second a step. */
async function measured(): Promise<Estimates> {
  const estimates = await Estimates.open(new Keyv(), log);
  await estimates.learn(jobOf(1), 10, 'p');
  return estimates;
}

/** @param tens of seconds that it takes. */
const jobOf = (tens: number) => aJob({}, { steps: 100 * tens });

function running(tens: number, painted: Entry['painted'] = null, model = aJob().request.model): Entry {
  const entry = new Entry(aJob({}, { steps: 100 * tens, model }));
  entry.become('waiting');
  entry.become('running');
  entry.painted = painted;
  return entry;
}

/** Painters, the first of which have these jobs. */
const lanes = (count: number, running: Entry[][] = []): Lane[] =>
  Array.from({ length: count }, (_, k) => ({ name: `p${k}`, running: running[k] ?? [], rest: 0, can: () => true }));

test('one painter: times add up', async () => {
  const estimates = await measured();
  expect(estimates.until(lanes(1, [[running(1)]]), [jobOf(2), jobOf(3)])).toBeCloseTo(60, 0);
  expect(estimates.until(lanes(1, []), [jobOf(2)])).toBeCloseTo(20, 0);
});

test('two painters: each job goes to the one that is free first', async () => {
  const estimates = await measured();
  expect(estimates.until(lanes(2, [[running(1)]]), [jobOf(2)])).toBeCloseTo(20, 0);
  expect(estimates.until(lanes(2, [[running(1)], [running(5)]]), [jobOf(2), jobOf(1), jobOf(1)])).toBeCloseTo(50, 0);
  expect(estimates.until(lanes(2, [[running(1)], [running(5)]]), [jobOf(2), jobOf(1)])).toBeCloseTo(40, 0);
});

test('painters of different pace, one that rests and one without the model', async () => {
  const estimates = await measured();
  await estimates.learn(jobOf(1), 2, 'fast');
  const [fast, slow, away] = lanes(3).map((lane, k) => ({ ...lane, name: ['fast', 'p', 'away'][k]! }));
  // Of two that are free, the faster takes the job.
  expect(estimates.until([slow!, fast!], [jobOf(1)])).toBeCloseTo(2, 0);
  expect(estimates.until([slow!, { ...fast!, rest: 30 }], [jobOf(1)])).toBeCloseTo(10, 0);
  expect(estimates.until([slow!, { ...fast!, rest: 30 }], [jobOf(5), jobOf(1)])).toBeCloseTo(32, 0);
  const without = { ...away!, can: () => false };
  expect(estimates.until([without, slow!], [jobOf(1), jobOf(1)])).toBeCloseTo(20, 0);
  expect(estimates.until([without], [jobOf(1)])).toBeNull();
  // Nothing was measured of it: it counts as fast as all of them together.
  const unmeasured = estimates.until([{ ...slow!, name: 'new' }], [jobOf(1)])!;
  expect(unmeasured).toBeGreaterThan(2);
  expect(unmeasured).toBeLessThan(10);
});

test('the paces of many painters take a bounded place in the store', async () => {
  const store = new Keyv();
  const estimates = await Estimates.open(store, log);
  for (let k = 0; k < 100; k++) await estimates.learn(jobOf(1), 10, `painter ${k}`);
  const names = Object.keys((await store.get('paces')) as object);
  expect(names).toHaveLength(32);
  expect(names.at(-1)).toBe('painter 99');
});

test('there is no estimate that would depend on anything not yet measured', async () => {
  const estimates = await measured();
  const strange = running(1, null, 'other');
  expect(estimates.left(strange)).toBeNull();
  expect(estimates.until(lanes(1, [[strange]]), [jobOf(1)])).toBeNull();
  expect(estimates.until(lanes(2, [[strange], [running(1)]]), [jobOf(1)])).toBeCloseTo(20, 0);
  expect(estimates.until(lanes(2, []), [aJob({}, { model: 'other' })])).toBeNull();
});

test('the measured pace gives way to the painter’s own estimate bit by bit, without a jump', async () => {
  const estimates = await measured();
  const left = (share: number, secondsLeft: number) => estimates.left(running(1, { share, secondsLeft }));
  expect(left(0, 120)).toBeCloseTo(10, 0);
  expect(left(0.1, 120)).toBeCloseTo(21, 0);
  expect(left(0.5, 20)).toBeCloseTo(15, 0);
  expect(left(1, 0)).toBeCloseTo(0, 0);
});

test('time before the painter was ready does not count', async () => {
  const estimates = await measured();
  const entry = running(1);
  entry.startedAt -= 60_000;
  expect(estimates.left(entry)).toBe(0);
  entry.begin();
  expect(estimates.left(entry)).toBeCloseTo(10, 0);
});

test('jobs that are painted together share the time: each takes longer, all together do not', async () => {
  const estimates = await measured();
  const clock = new SharedClock();
  const jobs = [1, 1, 2].map((tens) => running(tens));
  for (const entry of jobs) entry.begin(clock);
  expect(jobs.map((entry) => Math.round(estimates.left(entry)!))).toEqual([30, 30, 60]);
  expect(estimates.until(lanes(1, [jobs]), [jobOf(1)])).toBeCloseTo(50, 0);
  jobs[2]!.pause();
  expect(estimates.left(jobs[0]!)).toBeCloseTo(20, 0);
});
