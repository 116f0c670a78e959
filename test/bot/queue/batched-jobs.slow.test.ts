import { expect, test } from 'vitest';
import { Painter } from '../../../src/bot/painter/painter.js';
import { painterConfig } from '../painter/config.js';
import { aJob } from '../request.js';
import { cleanUps, log, open } from './open-jobs.js';

// A painter that paints several jobs at the same time.

function batchPainter(batch = 4): Painter {
  const painter = new Painter({ ...painterConfig, batch }, log, { backOff: 10 });
  cleanUps.push(() => painter.close());
  return painter;
}

test('jobs of one size are painted at the same time; one of another size waits its turn and is not overtaken', async () => {
  const painter = batchPainter();
  const { jobs, delivered, deliver, settled } = await open({ painters: [painter] });
  const started: string[] = [];
  jobs.events.on('started', ({ origin }) => started.push(origin.guildId!));
  const [a, b, c, d, e] = ['a', 'b', 'c', 'd', 'e'].map((guildId, k) =>
    aJob({ guildId }, { steps: 60, seed: k, ...(guildId === 'd' && { width: 128 }) }),
  );
  const painting = new Set<string>();
  // None ends before it was looked at.
  jobs.onProgress(({ id }) => {
    const known = painting.size;
    if (painting.add(id).size === 3 && known === 2) process.kill(painter.pid!, 'SIGSTOP');
  });
  for (const job of [a, b, c, d, e]) await jobs.submit(job!);
  jobs.start(deliver);
  const places = () => [a, b, c, d, e].map((job) => jobs.ticket(job!.id)?.position);
  await expect.poll(() => painting.size).toBe(3);
  expect(places()).toEqual([0, 0, 0, 1, 2]);
  expect(await jobs.cancel(b!.id)).toBe(true);
  process.kill(painter.pid!, 'SIGCONT');
  await settled();
  expect(started).toEqual(['a', 'b', 'c', 'd', 'e']);
  const kinds = Object.fromEntries(delivered.map(({ job, outcome }) => [job.origin.guildId, outcome.kind]));
  expect(kinds).toEqual({ a: 'painted', b: 'cancelled', c: 'painted', d: 'painted', e: 'painted' });
});

test('a job that kills the painter fails after two deaths; those beside it are painted, each after one at most', async () => {
  const painter = batchPainter();
  const { jobs, delivered, deliver, settled } = await open({ painters: [painter] });
  const all = ['a', 'b', 'c', 'd'].map((guildId, k) => aJob({ guildId }, { steps: 30, seed: k }));
  const poison = all[2]!;
  const progressed = new Set<string>();
  jobs.onProgress(({ id }) => {
    progressed.add(id);
    // The first time, only when all of them are in it.
    if (id === poison.id && (progressed.size === 4 || poison.attempts > 0)) process.kill(painter.pid!, 'SIGKILL');
  });
  for (const job of all) await jobs.submit(job);
  jobs.start(deliver);
  await settled();
  const kinds = Object.fromEntries(delivered.map(({ job, outcome }) => [job.origin.guildId, outcome.kind]));
  expect(kinds).toEqual({ a: 'painted', b: 'painted', c: 'failed', d: 'painted' });
  expect(all.map(({ attempts }) => attempts)).toEqual([1, 1, 2, 1]);
  expect(painter.restarts).toBe(2);
});
