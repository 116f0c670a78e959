import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Ticket } from '../../../src/bot/request/job.js';
import { Refusal } from '../../../src/bot/text/refusal.js';
import { readMetadata } from '../../../src/engine/index.js';
import { aJob } from '../request.js';
import { open, painter, recordsOf } from './open-jobs.js';

test('a job is in the store until it is delivered, and emits events on its way', async () => {
  const { jobs, store, delivered, deliver, settled } = await open();
  const seen: string[] = [];
  for (const event of ['queued', 'started', 'painted', 'delivered'] as const)
    jobs.events.on(event, () => seen.push(event));
  const steps: number[] = [];
  jobs.onProgress((_, { step, position }) => steps.push(step + position));
  const job = aJob({}, { steps: 4, count: 2 });
  await jobs.submit(job);
  expect(jobs.ticket(job.id)).toEqual({ position: 0, secondsLeft: null });
  expect(await recordsOf(store)).toEqual([job.id]);
  jobs.start(deliver);
  await settled();
  expect(seen).toEqual(['queued', 'started', 'painted', 'delivered']);
  expect([...new Set(steps)]).toEqual([1, 2, 3, 4]);
  expect(delivered).toMatchObject([{ job: { id: job.id }, outcome: { kind: 'painted' }, nonce: job.id }]);
  const { outcome } = delivered[0]!;
  if (outcome.kind !== 'painted') throw new Error(outcome.kind);
  expect(await readMetadata(outcome.pictures[1]!.png!)).toMatchObject({ seed: 43, prompt: job.request.prompt });
  expect(await recordsOf(store)).toEqual([]);
});

test('what was left is painted before Discord is connected, and delivered when it is', async () => {
  const { jobs, delivered, deliver, settled } = await open();
  const job = aJob();
  await jobs.submit(job);
  const painted = once(jobs.events, 'painted');
  jobs.paint();
  await painted;
  expect(delivered).toEqual([]);
  jobs.start(deliver);
  await settled();
  expect(delivered).toMatchObject([{ job: { id: job.id }, outcome: { kind: 'painted' } }]);
});

test('positions and times follow from what is ahead and what was measured', async () => {
  const { jobs, deliver, settled } = await open();
  jobs.start(deliver);
  await jobs.submit(aJob());
  await settled();
  const long = aJob({ guildId: 'a' }, { steps: 300 });
  await jobs.submit(long);
  await expect.poll(() => jobs.ticket(long.id)?.position).toBe(0);
  const behind = [aJob({ guildId: 'b' }), aJob({ guildId: 'c' })];
  for (const job of behind) await jobs.submit(job);
  const [first, second] = behind.map(({ id }) => jobs.ticket(id)!) as [Ticket, Ticket];
  expect([first.position, second.position]).toEqual([1, 2]);
  const running = jobs.ticket(long.id)!.secondsLeft!;
  expect(running).toBeGreaterThan(0);
  expect(first.secondsLeft!).toBeGreaterThan(0);
  expect(second.secondsLeft!).toBeGreaterThan(first.secondsLeft! * 0.8);
  expect(jobs.list().map(({ origin }) => origin.guildId)).toEqual(['a', 'b', 'c']);
  await jobs.cancel(long.id);
  await settled();
});

test('users and guilds have limits of waiting jobs', async () => {
  const { jobs } = await open({ userQueue: 2, guildQueue: 3 });
  const all = await Promise.allSettled(Array.from({ length: 5 }, () => jobs.submit(aJob({ userId: 'greedy' }))));
  expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(2);
  const refused = all.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
  for (const reason of refused) expect(reason).toMatchObject({ key: 'userQueue', values: { count: 2 } });
  await jobs.submit(aJob({ userId: 'second' }));
  await expect(jobs.submit(aJob({ userId: 'second' }))).rejects.toMatchObject({
    key: 'guildQueue',
    values: { count: 1 },
  });
  await jobs.submit(aJob({ userId: 'second', guildId: null }));
  // A member without waiting requests in the guild gets a place, however full it is.
  for (const userId of ['third', 'fourth']) await jobs.submit(aJob({ userId }));
  await expect(jobs.submit(aJob({ userId: 'third' }))).rejects.toMatchObject({ key: 'guildQueue' });
  for (const { id, origin } of jobs.list()) if (origin.userId !== 'third') await jobs.cancel(id);
  await jobs.submit(aJob({ userId: 'third' }));
});

test('cancelling works before and during, once, and not afterwards', async () => {
  const { jobs, delivered, deliver, store, settled } = await open();
  jobs.start(deliver);
  const running = aJob({}, { steps: 500 });
  const waiting = aJob();
  await jobs.submit(running);
  await jobs.submit(waiting);
  await expect.poll(() => jobs.ticket(running.id)?.position).toBe(0);
  expect(await jobs.cancel(waiting.id)).toBe(true);
  expect(jobs.ticket(waiting.id)).toBeNull();
  expect(await jobs.cancel(waiting.id)).toBe(false);
  expect(await jobs.cancel(running.id)).toBe(true);
  await settled();
  expect(await jobs.cancel(running.id)).toBe(false);
  expect(await jobs.cancel('never-was')).toBe(false);
  expect(delivered.map(({ outcome }) => outcome.kind)).toEqual(['cancelled', 'cancelled']);
  expect(await recordsOf(store)).toEqual([]);
});

test('a job can be cancelled while it is being saved', async () => {
  const { jobs, delivered, deliver, settled } = await open();
  jobs.start(deliver);
  const job = aJob();
  const submitted = jobs.submit(job);
  expect(await jobs.cancel(job.id)).toBe(true);
  await submitted;
  await settled();
  expect(delivered.map(({ outcome }) => outcome.kind)).toEqual(['cancelled']);
});

test('cancelled at any moment around the end of its painting, a job is cancelled or delivered, as its author was told', async () => {
  const { jobs, delivered, deliver, settled } = await open();
  jobs.start(deliver);
  const events: string[] = [];
  jobs.events.on('painted', ({ id }) => events.push(id));
  const told = new Map<string, boolean>();
  const moments = [
    // When its last step is reported: the painter is decoding, and may be done before it gets the message.
    ...[0, 1, 3, 6, 10, 15, 20, 30].map((later) => (id: string, done: (at: Promise<boolean>) => void) => {
      jobs.onProgress((job, { step, total }) => {
        if (job.id === id && step === total) setTimeout(() => done(jobs.cancel(id)), later);
      });
    }),
    // When the painter has delivered the pictures, and their time is being written to the store.
    (id: string, done: (at: Promise<boolean>) => void) => {
      jobs.events.on('painted', (job) => job.id === id && done(jobs.cancel(id)));
    },
  ];
  for (const cancelAt of moments) {
    const job = aJob({}, { steps: 2 });
    const answer = new Promise<boolean>((resolve) => cancelAt(job.id, resolve));
    await jobs.submit(job);
    told.set(job.id, await answer);
    await settled();
  }
  expect(delivered).toHaveLength(moments.length);
  for (const { job, outcome } of delivered) {
    expect(outcome.kind).toBe(told.get(job.id) ? 'cancelled' : 'painted');
    expect(events.includes(job.id)).toBe(outcome.kind === 'painted');
  }
});

test('a job whose painting ended just when it was cancelled is not delivered', async () => {
  const { jobs, delivered, deliver, settled } = await open();
  jobs.start(deliver);
  const job = aJob();
  const { paint } = painter;
  let cancelled: Promise<boolean> | undefined;
  // The painter is real; only the moment is arranged: its pictures have arrived, but have not been handled.
  painter.paint = async (...call) => {
    const painted = await paint.apply(painter, call);
    cancelled = jobs.cancel(job.id);
    return painted;
  };
  await jobs.submit(job);
  await settled().finally(() => {
    painter.paint = paint;
  });
  expect(await cancelled).toBe(true);
  expect(delivered.map(({ outcome }) => outcome.kind)).toEqual(['cancelled']);
});

test('the author is told when the engine refuses a request', async () => {
  const { jobs, delivered, deliver, settled } = await open();
  jobs.start(deliver);
  await jobs.submit(aJob({}, { width: 65 }));
  await jobs.submit(aJob({}, { kind: 'img2img', source: 'gone' }));
  await settled();
  expect(delivered[0]!.outcome).toMatchObject({ kind: 'failed', message: expect.stringContaining('65') });
  expect(delivered[1]!.outcome).toMatchObject({ kind: 'failed', message: expect.stringContaining('Upload it again') });
});

test('the author is told when a request that waited across a restart can no longer be painted', async () => {
  const first = await open();
  await first.jobs.submit(aJob({ locale: 'de' }));
  await first.close();
  const revised = () => Promise.reject(new Refusal('noUpscaler', { upscaler: 'x_*4' }));
  const again = await open({ dataDir: first.dataDir, databaseUrl: first.databaseUrl, revised });
  expect(again.jobs.list()).toEqual([]);
  again.jobs.start(again.deliver);
  await again.settled();
  expect(again.delivered.map(({ outcome }) => outcome)).toMatchObject([
    { kind: 'failed', message: expect.stringContaining('Einen Upscaler „x_*4“ gibt es hier nicht.') },
  ]);
  expect(await recordsOf(again.store)).toEqual([]);
});

test('the author is told about a bug, without its text', async () => {
  const { jobs, delivered, deliver, settled } = await open();
  jobs.start(deliver);
  const job = aJob({}, { model: 'no-such-model' });
  await jobs.submit(job);
  await settled();
  expect(delivered[0]!.outcome).toEqual({ kind: 'failed', message: null, id: job.id });
});

test('a delivery that fails is tried again', async () => {
  const { jobs, delivered, deliver, settled } = await open();
  let attempts = 0;
  jobs.start(async (...args) => {
    if (++attempts === 1) throw new Error('502');
    await deliver(...args);
  });
  await jobs.submit(aJob());
  await settled();
  expect(attempts).toBe(2);
  expect(delivered).toHaveLength(1);
});

test('deliveries to a deleted user are given up: the job and its pictures are gone, others stay', async () => {
  const { jobs, store, dataDir } = await open();
  const tried: string[] = [];
  jobs.start(async ({ origin }) => {
    tried.push(origin.userId);
    throw new Error('not today');
  });
  await jobs.submit(aJob({ userId: 'ada' }));
  await jobs.submit(aJob({ userId: 'ben' }));
  await expect.poll(() => tried).toContain('ben');
  expect(jobs.ofUser('ada')).toHaveLength(1);
  expect(await jobs.forget('ada')).toBe(0);
  expect(jobs.ofUser('ada')).toEqual([]);
  const [left] = jobs.ofUser('ben');
  expect(await recordsOf(store)).toEqual([left!.id]);
  expect(readdirSync(join(dataDir, 'outcomes'))).toEqual([left!.id]);
});
