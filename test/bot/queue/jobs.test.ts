import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import pino from 'pino';
import { afterAll, afterEach, expect, test } from 'vitest';
import { Painter } from '../../../src/bot/painter/painter.js';
import { Jobs } from '../../../src/bot/queue/jobs.js';
import { Outcomes } from '../../../src/bot/queue/outcomes.js';
import type { Deliver, Job, Outcome } from '../../../src/bot/request/job.js';
import { Pictures } from '../../../src/bot/storage/pictures.js';
import { Store } from '../../../src/bot/storage/store.js';
import { Refusal } from '../../../src/bot/text/refusal.js';
import { readMetadata } from '../../../src/engine/index.js';
import { packageRoot } from '../../../src/engine/package-root.js';
import { postgresPrograms, startPostgres } from '../postgres.js';
import { aJob } from '../request.js';
import { hasCommand, startRedis, temporaryFolder } from '../servers.js';

const log = pino({ level: 'silent' });
const painterConfig = {
  modelsDir: join(packageRoot, 'models'),
  device: 'cpu',
  threads: 1,
  safetyChecker: true,
  painterMemory: Number.POSITIVE_INFINITY,
} as const;
/** One for all tests: what a test does to it, it has to live with. */
const painter = new Painter(painterConfig, log, { backOff: 10 });
const cleanUps: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});
afterAll(() => painter.close());

interface Delivered {
  job: Job;
  outcome: Outcome;
  nonce: string;
}

interface Options {
  dataDir?: string;
  databaseUrl?: string;
  userQueue?: number;
  guildQueue?: number;
  painters?: Painter[];
}

/** A queue on a folder of its own, or on one from before. */
async function open(options: Options = {}) {
  const folder = temporaryFolder();
  const dataDir = options.dataDir ?? folder.path;
  const databaseUrl = options.databaseUrl ?? `sqlite://${join(dataDir, 'easel.sqlite')}`;
  const store = await Store.open({ databaseUrl });
  const pictures = await Pictures.open(join(dataDir, 'pictures'), 1e9);
  const { userQueue = 1000, guildQueue = 1000, painters = [painter] } = options;
  const jobs = await Jobs.open({ config: { dataDir, userQueue, guildQueue }, store, painters, pictures, log });
  const delivered: Delivered[] = [];
  const deliver: Deliver = async (job, outcome, nonce) => void delivered.push({ job, outcome, nonce });
  const close = async () => {
    await jobs.shutdown(100);
    await store.close().catch(() => {});
  };
  cleanUps.push(async () => {
    await close();
    folder[Symbol.dispose]();
  });
  const settled = () => expect.poll(() => jobs.list().length + jobs.undelivered, { timeout: 110_000 }).toBe(0);
  return { jobs, store, pictures, delivered, deliver, dataDir, databaseUrl, close, settled };
}

const recordsOf = async (store: Store) => {
  const records = store.namespace('jobs');
  const ids: string[] = [];
  for await (const [id] of records.iterator!(records.namespace)) ids.push(id);
  return ids;
};

test('a job is in the store until it was delivered, and is told of on its way', async () => {
  const { jobs, store, delivered, deliver, settled } = await open();
  const seen: string[] = [];
  for (const event of ['queued', 'started', 'painted', 'delivered'] as const)
    jobs.events.on(event, () => seen.push(event));
  const steps: number[] = [];
  jobs.onProgress((_, { step, position }) => steps.push(step + position));
  const job = aJob({}, { steps: 4, count: 2 });
  expect(await jobs.submit(job)).toEqual({ position: 0, secondsLeft: null });
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

test('positions and times follow from what is ahead and what was measured', async () => {
  const { jobs, deliver, settled } = await open();
  jobs.start(deliver);
  await jobs.submit(aJob());
  await settled();
  const long = aJob({ guildId: 'a' }, { steps: 300 });
  await jobs.submit(long);
  await expect.poll(() => jobs.ticket(long.id)?.position).toBe(0);
  const first = await jobs.submit(aJob({ guildId: 'b' }));
  const second = await jobs.submit(aJob({ guildId: 'c' }));
  expect([first.position, second.position]).toEqual([1, 2]);
  const running = jobs.ticket(long.id)!.secondsLeft!;
  expect(running).toBeGreaterThan(0);
  expect(first.secondsLeft!).toBeGreaterThan(0);
  expect(second.secondsLeft!).toBeGreaterThan(first.secondsLeft! * 0.8);
  expect(jobs.list().map(({ origin }) => origin.guildId)).toEqual(['a', 'b', 'c']);
  await jobs.cancel(long.id);
  await settled();
});

test('what was measured is known after a restart', async () => {
  const first = await open();
  first.jobs.start(first.deliver);
  await first.jobs.submit(aJob());
  await first.settled();
  await first.close();
  const again = await open(first);
  expect((await again.jobs.submit(aJob())).secondsLeft).toBeGreaterThan(0);
});

test('a user and a guild may have so many jobs waiting', async () => {
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
  // Whoever has none waiting in the guild gets a place, however full it is.
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

test('a job may be cancelled while it is being written down', async () => {
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
    // When its last step is told: the painter decodes, and may be done before it hears of it.
    ...[0, 1, 3, 6, 10, 15, 20, 30].map((later) => (id: string, done: (at: Promise<boolean>) => void) => {
      jobs.onProgress((job, { step, total }) => {
        if (job.id === id && step === total) setTimeout(() => done(jobs.cancel(id)), later);
      });
    }),
    // When the painter has handed it over, and what it took is written to the store.
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
  // The painter is the real one; what is arranged is the moment: its pictures are here, and nobody has looked at them.
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

test('what was cancelled while it was painted stays so after a crash before its next step', async () => {
  const first = await open();
  // It never delivers: a step that was on its way when the painter was stopped would otherwise end the job here.
  first.jobs.start(() => new Promise(() => {}));
  const job = aJob({}, { steps: 500 });
  await first.jobs.submit(job);
  await expect.poll(() => first.jobs.ticket(job.id)?.position).toBe(0);
  process.kill(painter.pid!, 'SIGSTOP');
  try {
    expect(await first.jobs.cancel(job.id)).toBe(true);
    // As if the process had ended here: another takes up what is in the store and on disk.
    const again = await open({ dataDir: first.dataDir, databaseUrl: first.databaseUrl });
    expect(again.jobs.list()).toEqual([]);
    again.jobs.start(again.deliver);
    await expect.poll(() => again.delivered.map(({ outcome }) => outcome.kind)).toEqual(['cancelled']);
  } finally {
    process.kill(painter.pid!, 'SIGCONT');
  }
});

test('a request that the engine refuses is told to its author', async () => {
  const { jobs, delivered, deliver, settled } = await open();
  jobs.start(deliver);
  await jobs.submit(aJob({}, { width: 65 }));
  await jobs.submit(aJob({}, { kind: 'img2img', source: 'gone' }));
  await settled();
  expect(delivered[0]!.outcome).toMatchObject({ kind: 'failed', message: expect.stringContaining('65') });
  expect(delivered[1]!.outcome).toMatchObject({ kind: 'failed', message: expect.stringContaining('Upload it again') });
});

test('a fault of ours is told without its text', async () => {
  const { jobs, delivered, deliver, settled } = await open();
  jobs.start(deliver);
  const job = aJob({}, { model: 'no-such-model' });
  await jobs.submit(job);
  await settled();
  expect(delivered[0]!.outcome).toEqual({ kind: 'failed', message: null, id: job.id });
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

test('who is forgotten is tried no longer: the job and its pictures are gone, those of others stay', async () => {
  const { jobs, store, dataDir } = await open();
  const tried: string[] = [];
  jobs.start(async ({ origin }) => {
    tried.push(origin.userId);
    throw new Error('not today');
  });
  await jobs.submit(aJob({ userId: 'ada' }));
  await jobs.submit(aJob({ userId: 'ben' }));
  await expect.poll(() => tried, { timeout: 60_000 }).toContain('ben');
  expect(jobs.ofUser('ada')).toHaveLength(1);
  expect(await jobs.forget('ada')).toBe(0);
  expect(jobs.ofUser('ada')).toEqual([]);
  const [left] = jobs.ofUser('ben');
  expect(await recordsOf(store)).toEqual([left!.id]);
  expect(readdirSync(join(dataDir, 'outcomes'))).toEqual([left!.id]);
});

test('what was painted and not delivered is delivered after a restart without painting it again', async () => {
  const first = await open();
  const job = aJob({}, { count: 2 });
  await first.jobs.submit(job);
  first.jobs.start(async () => {
    throw new Error('Discord is away');
  });
  await expect.poll(() => first.jobs.undelivered, { timeout: 10_000 }).toBe(1);
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
  const long = { ...aJob({ guildId: 'a' }, { steps: 400 }), createdAt: Date.now() - 1000 };
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

/** A second one beside the one for all tests. */
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
  await expect.poll(running, { timeout: 60_000 }).toEqual([a, b]);
  expect((await jobs.submit(c)).position).toBe(1);
  expect((await jobs.submit(d)).position).toBe(2);
  expect(places()).toEqual([0, 0, 1, 2]);
  expect(jobs.list().map(({ id }) => id)).toEqual([a.id, b.id, c.id, d.id]);
  // Each of those that wait has a painter to itself, in the end: neither waits for the other.
  const [first, second, third, fourth] = [a, b, c, d].map(({ id }) => jobs.ticket(id)!.secondsLeft!);
  expect(third).toBeGreaterThan(Math.min(first!, second!));
  expect(fourth).toBeLessThan(Math.min(first!, second!) + third!);
  expect(await jobs.cancel(b.id)).toBe(true);
  await expect.poll(places, { timeout: 60_000 }).toEqual([0, undefined, 0, 1]);
  for (const { id } of [a, c, d]) expect(await jobs.cancel(id)).toBe(true);
  await settled();
  expect(delivered.slice(1).map(({ outcome }) => outcome.kind)).toEqual(Array(4).fill('cancelled'));
  expect(await recordsOf(store)).toEqual([]);
}, 180_000);

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
}, 180_000);

test('two painters: shutting down gives both jobs back, and both are painted after the next start', async () => {
  const painters = twoPainters();
  const first = await open({ painters });
  first.jobs.start(first.deliver);
  const all = ['a', 'b', 'c'].map((guildId, k) => ({
    ...aJob({ guildId }, { steps: 400 }),
    createdAt: Date.now() - 1000 + k,
  }));
  for (const job of all) await first.jobs.submit(job);
  await expect.poll(() => all.map(({ id }) => first.jobs.ticket(id)?.position), { timeout: 60_000 }).toEqual([0, 0, 1]);
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
}, 180_000);

test('records that cannot be read are dropped and keep nobody back', async () => {
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
  await expect.poll(() => first.jobs.undelivered, { timeout: 10_000 }).toBe(1);
  await first.close();
  writeFileSync(join(first.dataDir, 'outcomes', job.id, 'outcome.json'), '{"kind":"pain');
  const again = await open(first);
  again.jobs.start(again.deliver);
  await again.settled();
  expect(again.delivered.map(({ outcome }) => outcome.kind)).toEqual(['painted']);
});

test('a disk that takes nothing more does not keep a picture from its author', async () => {
  const { jobs, delivered, deliver, dataDir, settled } = await open();
  rmSync(join(dataDir, 'outcomes'), { recursive: true });
  writeFileSync(join(dataDir, 'outcomes'), 'no folder');
  jobs.start(deliver);
  await jobs.submit(aJob());
  await settled();
  expect(delivered.map(({ outcome }) => outcome.kind)).toEqual(['painted']);
});

test.skipIf(!hasCommand('redis-server'))('a store that is away: nothing is promised, nothing is lost', async () => {
  const redis = await startRedis();
  const { jobs, delivered, deliver, databaseUrl } = await open({ databaseUrl: redis.url });
  const promised = aJob({}, { steps: 30 });
  await jobs.submit(promised);
  await redis.stop();
  await expect(jobs.submit(aJob())).rejects.toMatchObject({ key: 'store' });
  expect(jobs.list().map(({ id }) => id)).toEqual([promised.id]);
  jobs.start(deliver);
  await expect.poll(() => delivered.length, { timeout: 60_000 }).toBe(1);
  // Its record could not be removed (nor can it come back: this Redis keeps nothing); the queue goes on trying.
  expect(jobs.undelivered).toBe(1);
  const again = await startRedis(redis.port);
  await expect.poll(() => jobs.undelivered, { timeout: 60_000 }).toBe(0);
  await jobs.submit(aJob());
  await expect.poll(() => delivered.length, { timeout: 60_000 }).toBe(2);
  await sleep(50);
  expect(delivered).toHaveLength(2);
  expect(databaseUrl).toBe(again.url);
  cleanUps.unshift(() => again.stop());
});

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
}, 120_000);

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
    await expect(Jobs.open({ config, store, painters: [painter], pictures, log })).rejects.toThrow('easel_jobs');
    expect(await outcomes.list()).toEqual([job.id]);
  },
);
