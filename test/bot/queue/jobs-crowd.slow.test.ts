import { expect, test } from 'vitest';
import { aJob } from '../request.js';
import { open, recordsOf } from './open-jobs.js';

test('200 requests at once from 20 guilds: all are painted, each once, guilds in turn', async () => {
  const { jobs, delivered, deliver, store, settled } = await open();
  const all = Array.from({ length: 200 }, (_, k) =>
    aJob({ guildId: `g${k % 20}`, userId: `u${k % 40}` }, { steps: 1, seed: k }),
  );
  await Promise.all(all.map((job) => jobs.submit(job)));
  const order: string[] = [];
  jobs.events.on('started', ({ origin }) => order.push(origin.guildId!));
  jobs.start(deliver);
  await settled();
  for (let round = 0; round < 10; round++) {
    expect(new Set(order.slice(round * 20, (round + 1) * 20)).size, `round ${round}`).toBe(20);
  }
  expect(delivered.map(({ job }) => job.id).sort()).toEqual(all.map(({ id }) => id).sort());
  for (const { job, outcome } of delivered) {
    if (outcome.kind !== 'painted') throw new Error(outcome.kind);
    expect(outcome.pictures.map(({ seed }) => seed)).toEqual([job.request.seed]);
  }
  expect(await recordsOf(store)).toEqual([]);
});
