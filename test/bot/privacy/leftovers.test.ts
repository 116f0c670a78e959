import { join } from 'node:path';
import pino from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Leftovers } from '../../../src/bot/privacy/leftovers.js';
import { Jobs } from '../../../src/bot/queue/jobs.js';
import type { PaintRequest } from '../../../src/bot/request/paint-request.js';
import { JobLists } from '../../../src/bot/storage/job-lists.js';
import { Pictures } from '../../../src/bot/storage/pictures.js';
import { Results } from '../../../src/bot/storage/results.js';
import { scan } from '../../../src/bot/storage/scan.js';
import type { Store } from '../../../src/bot/storage/store.js';
import { loadConfig } from '../../../src/config.js';
import { onEachStore } from '../each-store.js';
import { FixedPainters, noInspectors } from '../painter/fixed-painters.js';
import { aJob } from '../request.js';
import { temporaryFolder } from '../servers.js';

const log = pino({ level: 'silent' });
const bytes = Buffer.from('pixels');
const UPLOAD = 'a'.repeat(32);
const MASK = 'b'.repeat(32);
const from = (source: string) => ({ kind: 'img2img', source, strength: 0.6 }) as const;

onEachStore((open) => {
  let folder: ReturnType<typeof temporaryFolder>;
  let store: Store;
  let results: Results;
  let jobs: Jobs;
  let pictures: Pictures;
  let leftovers: Leftovers;

  beforeEach(async () => {
    folder = temporaryFolder();
    store = await open(folder.path);
    await store.namespace('results').clear();
    await store.namespace('jobs').clear();
    pictures = await Pictures.open(join(folder.path, 'pictures'), 2 ** 20);
    const config = loadConfig({ DISCORD_TOKEN: 'a.b.c', DATA_DIR: folder.path });
    // Not started, so submitted jobs wait.
    const painters = new FixedPainters();
    jobs = await Jobs.open({ config, store, painters, inspectors: noInspectors, pictures, log });
    results = new Results(store.namespace('results'), new JobLists(store.namespace('members')));
    leftovers = new Leftovers({ results, jobs, pictures });
  });
  afterEach(async () => {
    await jobs.shutdown(0);
    await store.close();
    folder[Symbol.dispose]();
  });

  /** A result as it is once its message shows it. */
  async function shown(messageId: string, request: Partial<PaintRequest> = {}) {
    const job = aJob({ channelId: '7' }, request);
    await results.remember(job);
    await results.posted(job.id, messageId, '7', 1);
    await pictures.put(bytes, `${job.id}-1.png`);
    return job;
  }

  async function kept(): Promise<string[]> {
    const keys = pictures.keys();
    for await (const [key] of scan(store.namespace('results'))) keys.push(key);
    return keys.sort();
  }

  test('entries in use stay, however often it sweeps', async () => {
    const first = await shown('1');
    await shown('2', from(`${first.id}-1.png`));
    await shown('3', { kind: 'inpaint', source: UPLOAD, mask: MASK, strength: 0.9 });
    for (const key of [UPLOAD, MASK, 'draft-0123456789abcdef.png', 'draft-1.png', 'something-else']) {
      await pictures.put(bytes, key);
    }
    await store.namespace('results').set('0000000000000000', { userId: '4', prompt: 'of an older version' });
    const before = await kept();
    for (let sweep = 0; sweep < 3; sweep++) expect(await leftovers.sweep()).toBe(0);
    expect(await kept()).toEqual(before);
  });

  test('nothing is left of a request that was killed before its job was saved', async () => {
    await pictures.put(bytes, UPLOAD);
    await results.remember(aJob({}, { prompt: 'never queued', ...from(UPLOAD) }));
    await leftovers.sweep();
    expect(await kept()).toHaveLength(2);
    expect(await leftovers.sweep()).toBe(2);
    expect(await kept()).toEqual([]);
  });

  test('what an earlier run left goes with the first sweep, what has begun since does not', async () => {
    await pictures.put(bytes, UPLOAD);
    await results.remember(aJob({}, { prompt: 'killed before it was queued', ...from(UPLOAD) }));
    const removed = await shown('1');
    await store.namespace('results').delete(removed.id);
    const now = Date.now();
    await expect.poll(() => Date.now()).toBeGreaterThan(now);
    const started = new Leftovers({ results, jobs, pictures });
    await pictures.put(bytes, MASK);
    const begun = aJob({}, from(MASK));
    await results.remember(begun);
    expect(await started.sweep()).toBe(5);
    expect(await kept()).toEqual([begun.id, MASK].sort());
  });

  test('a waiting job keeps its record and sources, though no message shows it yet', async () => {
    const job = aJob({}, from(UPLOAD));
    await pictures.put(bytes, UPLOAD);
    await results.remember(job);
    await jobs.submit(job);
    for (let sweep = 0; sweep < 3; sweep++) expect(await leftovers.sweep()).toBe(0);
    expect(await kept()).toEqual([job.id, UPLOAD].sort());
  });

  test('what has just begun at one sweep and has its record at the next stays', async () => {
    await pictures.put(bytes, UPLOAD);
    await leftovers.sweep();
    const job = await shown('1', from(UPLOAD));
    await leftovers.sweep();
    await leftovers.sweep();
    expect(await kept()).toEqual([job.id, `${job.id}-1.png`, UPLOAD, 'latest:4:7', 'message:1'].sort());
  });

  test('a result whose removal was killed half-way goes, with all that led to it', async () => {
    const job = await shown('1', from(UPLOAD));
    await pictures.put(bytes, UPLOAD);
    await results.removing(job.id);
    await leftovers.sweep();
    await leftovers.sweep();
    expect(await kept()).toEqual([]);
  });

  test('a failed removal changes nothing', async () => {
    const job = await shown('1');
    const before = await results.get(job.id);
    await results.removing(job.id);
    await leftovers.sweep();
    await results.removing(job.id, false);
    await leftovers.sweep();
    await leftovers.sweep();
    expect(await results.get(job.id)).toEqual(before);
  });

  test('a removed result leaves at once, its pictures with the sweep, but for one that another started from', async () => {
    const parent = await shown('1', { prompt: 'parent' });
    await pictures.put(bytes, `${parent.id}-2.png`);
    const child = await shown('2', from(`${parent.id}-1.png`));
    await results.remove({ job: parent.id, record: (await results.get(parent.id))! });
    expect(await results.get(parent.id)).toBeNull();
    expect(await results.behind('1')).toBeNull();
    expect((await results.latest('4', '7'))?.job).toBe(child.id);
    await leftovers.sweep();
    await leftovers.sweep();
    expect(pictures.keys().sort()).toEqual([`${parent.id}-1.png`, `${child.id}-1.png`].sort());
    await results.remove({ job: child.id, record: (await results.get(child.id))! });
    await leftovers.sweep();
    await leftovers.sweep();
    expect(await kept()).toEqual([]);
  });

  test('pointers to what an interrupted removal took are gone, those to others are not', async () => {
    const gone = await shown('1');
    const stays = await shown('2');
    await store.namespace('results').delete(gone.id);
    await store.namespace('results').set('latest:5:7', gone.id);
    await leftovers.sweep();
    await leftovers.sweep();
    expect(await kept()).toEqual([stays.id, `${stays.id}-1.png`, 'latest:4:7', 'message:2'].sort());
  });

  test('a sweep that is ended removes nothing', async () => {
    await results.remember(aJob());
    await leftovers.sweep();
    await expect(leftovers.sweep(AbortSignal.abort())).rejects.toThrow();
    expect(await kept()).toHaveLength(1);
  });
});
