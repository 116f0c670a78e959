import { join } from 'node:path';
import pino from 'pino';
import { afterAll, afterEach, expect } from 'vitest';
import { Inspectors } from '../../../src/bot/painter/inspectors.js';
import type { Painters } from '../../../src/bot/painter/job-painter.js';
import { LocalPainters } from '../../../src/bot/painter/local-painters.js';
import { Painter } from '../../../src/bot/painter/painter.js';
import { Jobs, type JobsOptions } from '../../../src/bot/queue/jobs.js';
import type { Deliver, Job, Outcome } from '../../../src/bot/request/job.js';
import { Pictures } from '../../../src/bot/storage/pictures.js';
import { Store } from '../../../src/bot/storage/store.js';
import { painterConfig } from '../painter/config.js';
import { temporaryFolder } from '../servers.js';

// A queue with a real painter and a real store, for the tests in this folder.

export const log = pino({ level: 'silent' });
/** Shared by all tests of a file, so tests must cope with what others did to it. */
export const painter = new Painter(painterConfig, log, { backOff: 10 });
export const inspectors = new Inspectors(log);
/** What must be undone after a test. */
export const cleanUps: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});
afterAll(() => Promise.all([painter.close(), inspectors.close()]));

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
  painters?: readonly Painter[] | Painters;
  times?: JobsOptions['times'];
  revised?: JobsOptions['revised'];
}

/** A queue with its own folder, or with an earlier one's. */
export async function open(options: Options = {}) {
  const folder = temporaryFolder();
  const dataDir = options.dataDir ?? folder.path;
  const databaseUrl = options.databaseUrl ?? `sqlite://${join(dataDir, 'easel.sqlite')}`;
  const store = await Store.open({ databaseUrl });
  const pictures = await Pictures.open(join(dataDir, 'pictures'), 1e9);
  const { userQueue = 1000, guildQueue = 1000, painters = [painter], times, revised } = options;
  const config = { dataDir, userQueue, guildQueue };
  const all = 'all' in painters ? painters : new LocalPainters(painters);
  const jobs = await Jobs.open({ config, store, painters: all, inspectors, pictures, log, times, revised });
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

export const recordsOf = async (store: Store) => {
  const records = store.namespace('jobs');
  const ids: string[] = [];
  for await (const [id] of records.iterator!(records.namespace)) ids.push(id);
  return ids;
};
