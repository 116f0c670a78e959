import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { expect, test } from 'vitest';
import { LocalPainters } from '../../../src/bot/painter/local-painters.js';
import { Jobs } from '../../../src/bot/queue/jobs.js';
import { Outcomes } from '../../../src/bot/queue/outcomes.js';
import { Pictures } from '../../../src/bot/storage/pictures.js';
import { Store } from '../../../src/bot/storage/store.js';
import { Refusal } from '../../../src/bot/text/refusal.js';
import { readMetadata } from '../../../src/engine/index.js';
import { postgresPrograms, startPostgres } from '../postgres.js';
import { aJob } from '../request.js';
import { hasCommand, startRedis, temporaryFolder } from '../servers.js';
import { cleanUps, inspectors, log, open, painter, recordsOf } from './open-jobs.js';

// Jobs after a failure of the process, the painter, the store or the disk.

test('measurements survive a restart', async () => {
  const first = await open();
  first.jobs.start(first.deliver);
  await first.jobs.submit(aJob());
  await first.settled();
  await first.close();
  const again = await open(first);
  const job = aJob();
  await again.jobs.submit(job);
  expect(again.jobs.ticket(job.id)?.secondsLeft).toBeGreaterThan(0);
});

test('a job cancelled while painted stays cancelled after a crash before its next step', async () => {
  const first = await open();
  // It never delivers: otherwise a step in progress when the painter was stopped could end the job here.
  first.jobs.start(() => new Promise(() => {}));
  const job = aJob({}, { steps: 500 });
  await first.jobs.submit(job);
  await expect.poll(() => first.jobs.ticket(job.id)?.position).toBe(0);
  process.kill(painter.pid!, 'SIGSTOP');
  try {
    expect(await first.jobs.cancel(job.id)).toBe(true);
    // As if the process had ended here: another one takes over the store and the disk.
    const again = await open({ dataDir: first.dataDir, databaseUrl: first.databaseUrl });
    expect(again.jobs.list()).toEqual([]);
    again.jobs.start(again.deliver);
    await expect.poll(() => again.delivered.map(({ outcome }) => outcome.kind)).toEqual(['cancelled']);
  } finally {
    process.kill(painter.pid!, 'SIGCONT');
  }
});

test('kill -9 of the painter in the middle of a job: it is painted again and delivered once', async () => {
  const { jobs, delivered, deliver, settled } = await open();
  let kills = 0;
  jobs.onProgress(() => {
    if (kills++ === 0) process.kill(painter.pid!, 'SIGKILL');
  });
  jobs.start(deliver);
  await jobs.submit(aJob({}, { steps: 20 }));
  await jobs.submit(aJob({ guildId: 'next' }));
  await settled();
  expect(delivered.map(({ outcome }) => outcome.kind)).toEqual(['painted', 'painted']);
});

test('a job that kills the painter twice is dropped, its author told, and the next is painted', async () => {
  const { jobs, delivered, deliver, settled } = await open();
  const deadly = aJob({ guildId: 'a' }, { steps: 50 });
  let kills = 0;
  jobs.onProgress((job) => {
    if (job.id !== deadly.id || job.attempts < kills) return;
    kills++;
    process.kill(painter.pid!, 'SIGKILL');
  });
  jobs.start(deliver);
  await jobs.submit(deadly);
  const next = aJob({ guildId: 'b' });
  await jobs.submit(next);
  await settled();
  expect(kills).toBe(2);
  expect(delivered.map(({ job, outcome }) => [job.id, outcome.kind])).toEqual([
    [deadly.id, 'failed'],
    [next.id, 'painted'],
  ]);
});

test('what was painted and not delivered is delivered after a restart without painting it again', async () => {
  const first = await open();
  const job = aJob({}, { count: 2 });
  await first.jobs.submit(job);
  first.jobs.start(async () => {
    throw new Error('Discord is away');
  });
  await expect.poll(() => first.jobs.undelivered).toBe(1);
  await first.close();

  const again = await open(first);
  let started = 0;
  again.jobs.events.on('started', () => started++);
  again.jobs.start(again.deliver);
  await again.settled();
  expect(started).toBe(0);
  const { outcome, nonce } = again.delivered[0]!;
  if (outcome.kind !== 'painted') throw new Error(outcome.kind);
  expect(nonce).toBe(job.id);
  expect(await readMetadata(outcome.pictures[1]!.png!)).toMatchObject({ seed: 43 });
  await again.close();
  const third = await open(first);
  expect(third.jobs.list().length + third.jobs.undelivered).toBe(0);
});

test('shutting down gives the running job back in time; it is painted after the next start', async () => {
  const first = await open();
  first.jobs.start(first.deliver);
  // Not done within the half second that a job has, on any machine.
  const long = { ...aJob({ guildId: 'a' }, { steps: 400, width: 128, height: 128 }), createdAt: Date.now() - 1000 };
  const waiting = aJob({ guildId: 'b' });
  await first.jobs.submit(long);
  await first.jobs.submit(waiting);
  await expect.poll(() => first.jobs.ticket(long.id)?.position).toBe(0);
  const began = performance.now();
  await first.jobs.shutdown(4500);
  expect(performance.now() - began).toBeLessThan(4500);
  await expect(first.jobs.submit(aJob())).rejects.toThrow(Refusal);
  await first.store.close();
  expect(first.delivered).toEqual([]);

  const again = await open(first);
  expect(again.jobs.list().map(({ id }) => id)).toEqual([long.id, waiting.id]);
  await again.jobs.cancel(long.id);
  again.jobs.start(again.deliver);
  await again.settled();
  expect(again.delivered.map(({ outcome }) => outcome.kind).sort()).toEqual(['cancelled', 'painted']);
});

test('shutting down lets a job that is nearly done finish and be delivered', async () => {
  const { jobs, delivered, deliver } = await open();
  jobs.start(deliver);
  const job = aJob({}, { steps: 5 });
  await jobs.submit(job);
  await expect.poll(() => jobs.ticket(job.id)?.position).toBe(0);
  await jobs.shutdown(10_000);
  expect(delivered.map(({ outcome }) => outcome.kind)).toEqual(['painted']);
});

test('unreadable records are dropped and hold nothing up', async () => {
  const first = await open();
  const good = aJob();
  await first.jobs.submit(good);
  await first.close();
  const store = await Store.open(first);
  const records = store.namespace('jobs');
  await records.set('text', 'garbage');
  await records.set('half', { id: 'half', request: { prompt: 'x' } });
  await records.set('older', { ...good, id: 'other' });
  await records.set('negative', { ...good, id: 'negative', request: { ...good.request, steps: -1 } });
  if (store.backend.kind === 'sqlite') {
    store.backend.database.exec("INSERT INTO easel VALUES ('jobs', 'not-json', '{\"value\":', NULL)");
  }
  await store.close();
  const again = await open(first);
  expect(again.jobs.list().map(({ id }) => id)).toEqual([good.id]);
  expect(await recordsOf(again.store)).toEqual([good.id]);
});

test('an outcome that was damaged on disk is painted again', async () => {
  const first = await open();
  const job = aJob();
  await first.jobs.submit(job);
  first.jobs.start(() => Promise.reject(new Error('away')));
  await expect.poll(() => first.jobs.undelivered).toBe(1);
  await first.close();
  writeFileSync(join(first.dataDir, 'outcomes', job.id, 'outcome.json'), '{"kind":"pain');
  const again = await open(first);
  again.jobs.start(again.deliver);
  await again.settled();
  expect(again.delivered.map(({ outcome }) => outcome.kind)).toEqual(['painted']);
});

test('a full disk does not keep a picture from its author', async () => {
  const { jobs, delivered, deliver, dataDir, settled } = await open();
  rmSync(join(dataDir, 'outcomes'), { recursive: true });
  writeFileSync(join(dataDir, 'outcomes'), 'no folder');
  jobs.start(deliver);
  await jobs.submit(aJob());
  await settled();
  expect(delivered.map(({ outcome }) => outcome.kind)).toEqual(['painted']);
});

test.skipIf(!hasCommand('redis-server'))('an unreachable store: nothing is acknowledged, nothing is lost', async () => {
  const redis = await startRedis();
  const { jobs, delivered, deliver, databaseUrl } = await open({ databaseUrl: redis.url });
  const promised = aJob({}, { steps: 30 });
  await jobs.submit(promised);
  await redis.stop();
  await expect(jobs.submit(aJob())).rejects.toMatchObject({ key: 'store' });
  expect(jobs.list().map(({ id }) => id)).toEqual([promised.id]);
  jobs.start(deliver);
  await expect.poll(() => delivered.length).toBe(1);
  // Its record could not be deleted (and this Redis keeps nothing, so it cannot come back); the queue keeps trying.
  expect(jobs.undelivered).toBe(1);
  const again = await startRedis(redis.port);
  await expect.poll(() => jobs.undelivered).toBe(0);
  await jobs.submit(aJob());
  await expect.poll(() => delivered.length).toBe(2);
  await sleep(50);
  expect(delivered).toHaveLength(2);
  expect(databaseUrl).toBe(again.url);
  cleanUps.unshift(() => again.stop());
});

test.skipIf(!postgresPrograms)(
  'a database that fails when the bot starts costs no picture that was painted',
  async () => {
    const server = await startPostgres();
    const folder = temporaryFolder();
    const store = await Store.open({ databaseUrl: server.url });
    cleanUps.push(async () => {
      await store.close();
      await server.stop();
      folder[Symbol.dispose]();
    });
    const job = aJob();
    await store.namespace('jobs').set(job.id, job);
    const dataDir = folder.path;
    const outcomes = await Outcomes.open(join(dataDir, 'outcomes'));
    await outcomes.save(job.id, { kind: 'failed', message: null, id: job.id });
    await (store.backend as { pool: Pool }).pool.query('ALTER TABLE easel_jobs RENAME TO elsewhere');
    const pictures = await Pictures.open(join(dataDir, 'pictures'), 1e9);
    const config = { dataDir, userQueue: 1, guildQueue: 1 };
    const painters = new LocalPainters([painter]);
    await expect(Jobs.open({ config, store, painters, inspectors, pictures, log })).rejects.toThrow('easel_jobs');
    expect(await outcomes.list()).toEqual([job.id]);
  },
);
