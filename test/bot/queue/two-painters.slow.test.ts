import { expect, test } from 'vitest';
import { Painter } from '../../../src/bot/painter/painter.js';
import type { Job } from '../../../src/bot/request/job.js';
import { painterConfig } from '../painter/config.js';
import { aJob } from '../request.js';
import { cleanUps, log, open, painter, recordsOf } from './open-jobs.js';

/** A second painter beside the shared one. */
function twoPainters(): Painter[] {
  const second = new Painter(painterConfig, log, { backOff: 10 });
  cleanUps.push(() => second.close());
  return [painter, second];
}

test('two painters: two jobs run, positions and times follow, and each is cancelled alone', async () => {
  const { jobs, store, delivered, deliver, settled } = await open({ painters: twoPainters() });
  jobs.start(deliver);
  await jobs.submit(aJob());
  await settled();
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((guildId) => aJob({ guildId }, { steps: 500 })) as [Job, Job, Job, Job];
  for (const job of [a, b]) await jobs.submit(job);
  const running = () => [a, b, c, d].filter(({ id }) => jobs.ticket(id)?.position === 0);
  const places = () => [a, b, c, d].map(({ id }) => jobs.ticket(id)?.position);
  await expect.poll(running).toEqual([a, b]);
  await jobs.submit(c);
  await jobs.submit(d);
  expect(places()).toEqual([0, 0, 1, 2]);
  expect(jobs.list().map(({ id }) => id)).toEqual([a.id, b.id, c.id, d.id]);
  // In the end each waiting job has a painter to itself: neither waits for the other.
  const [first, second, third, fourth] = [a, b, c, d].map(({ id }) => jobs.ticket(id)!.secondsLeft!);
  expect(third).toBeGreaterThan(Math.min(first!, second!));
  expect(fourth).toBeLessThan(Math.min(first!, second!) + third!);
  expect(await jobs.cancel(b.id)).toBe(true);
  await expect.poll(places).toEqual([0, undefined, 0, 1]);
  for (const { id } of [a, c, d]) expect(await jobs.cancel(id)).toBe(true);
  await settled();
  expect(delivered.slice(1).map(({ outcome }) => outcome.kind)).toEqual(Array(4).fill('cancelled'));
  expect(await recordsOf(store)).toEqual([]);
});

test('two painters: one that dies costs only its own job an attempt', async () => {
  const painters = twoPainters();
  const { jobs, delivered, deliver, settled } = await open({ painters });
  const all = ['a', 'b', 'c'].map((guildId) => aJob({ guildId }, { steps: 40 }));
  for (const job of all) await jobs.submit(job);
  let killed = false;
  const progressed = new Set<string>();
  jobs.onProgress(({ id }) => {
    progressed.add(id);
    if (killed || progressed.size < 2) return;
    killed = true;
    process.kill(painters[1]!.pid!, 'SIGKILL');
  });
  jobs.start(deliver);
  await settled();
  expect(delivered.map(({ outcome }) => outcome.kind)).toEqual(['painted', 'painted', 'painted']);
  expect(all.map(({ attempts }) => attempts).sort()).toEqual([0, 0, 1]);
});

test('two painters: shutting down gives both jobs back, and both are painted after the next start', async () => {
  const painters = twoPainters();
  const first = await open({ painters });
  first.jobs.start(first.deliver);
  const all = ['a', 'b', 'c'].map((guildId, k) => ({
    // Not done within the half second that they have, on any machine.
    ...aJob({ guildId }, { steps: 400, width: 128, height: 128 }),
    createdAt: Date.now() - 1000 + k,
  }));
  for (const job of all) await first.jobs.submit(job);
  await expect.poll(() => all.map(({ id }) => first.jobs.ticket(id)?.position)).toEqual([0, 0, 1]);
  await first.jobs.shutdown(4500);
  await first.store.close();
  expect(first.delivered).toEqual([]);
  const again = await open({ ...first, painters });
  expect(again.jobs.list().map(({ id }) => id)).toEqual(all.map(({ id }) => id));
  expect(all.map(({ id }) => again.jobs.ticket(id)?.position)).toEqual([0, 0, 1]);
  for (const { id } of all) await again.jobs.cancel(id);
  again.jobs.start(again.deliver);
  await again.settled();
  expect(again.delivered.map(({ outcome }) => outcome.kind)).toEqual(Array(3).fill('cancelled'));
});
