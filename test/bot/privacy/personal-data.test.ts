import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import type { Pool } from 'pg';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Drafts } from '../../../src/bot/expressions/drafts.js';
import { sweepDrafts } from '../../../src/bot/expressions/sweep.js';
import { LocalPainters } from '../../../src/bot/painter/local-painters.js';
import { Painter } from '../../../src/bot/painter/painter.js';
import { exportFile } from '../../../src/bot/privacy/file.js';
import { PersonalData } from '../../../src/bot/privacy/personal-data.js';
import { Jobs } from '../../../src/bot/queue/jobs.js';
import type { PaintRequest } from '../../../src/bot/request/paint-request.js';
import { Blocks } from '../../../src/bot/rules/blocks.js';
import { Limits } from '../../../src/bot/rules/limits.js';
import { Preferences } from '../../../src/bot/rules/preferences.js';
import { Stats } from '../../../src/bot/stats/stats.js';
import { JobLists } from '../../../src/bot/storage/job-lists.js';
import { Pictures } from '../../../src/bot/storage/pictures.js';
import { Results } from '../../../src/bot/storage/results.js';
import { scan } from '../../../src/bot/storage/scan.js';
import { type Namespace, Store } from '../../../src/bot/storage/store.js';
import { StoreError } from '../../../src/bot/storage/store-error.js';
import { loadConfig } from '../../../src/config.js';
import { type OpenStore, onEachStore } from '../each-store.js';
import { noInspectors } from '../painter/fixed-painters.js';
import { postgresPrograms, startPostgres } from '../postgres.js';
import { aJob } from '../request.js';
import { temporaryFolder } from '../servers.js';

const ADA = '111111111111111111';
const BEN = '222222222222222222';
const GUILD = '333333333333333333';
const RECORDS = 350;
const log = pino({ level: 'silent' });
const bytes = Buffer.from('pixels');

/** Requests that start from uploads, by their keys. */
const varied = (source: string) => ({ kind: 'img2img', source, strength: 0.6 }) as const;
const inpainted = (source: string, mask: string) => ({ kind: 'inpaint', source, mask, strength: 0.9 }) as const;

/** What must hold on every store. */
function conformance(open: OpenStore): void {
  const folder = temporaryFolder();
  let store: Store;
  let parts: ConstructorParameters<typeof PersonalData>[0] & { jobs: Jobs; limits: Limits; stats: Stats };
  let data: PersonalData;
  let painter: Painter;
  const upload = { adas: 'a'.repeat(32), bens: 'b'.repeat(32), mask: 'c'.repeat(32) };

  beforeAll(async () => {
    store = await open(folder.path);
    const config = loadConfig({ DISCORD_TOKEN: 'a.b.c', DATA_DIR: folder.path });
    painter = new Painter(config, log);
    const pictures = await Pictures.open(join(folder.path, 'pictures'), 2 ** 20);
    parts = {
      results: new Results(store.namespace('results'), new JobLists(store.namespace('members'))),
      preferences: new Preferences(store.namespace('members')),
      drafts: new Drafts(store.namespace('drafts')),
      limits: await Limits.open(store, config),
      stats: new Stats(store.namespace('stats'), log),
      blocks: new Blocks(store.namespace('blocks')),
      jobs: await Jobs.open({
        config,
        store,
        painters: new LocalPainters([painter]),
        inspectors: noInspectors,
        pictures,
        log,
      }),
      pictures,
      store,
    };
    data = new PersonalData(parts);
    for (let n = 0; n < RECORDS; n++) {
      await painted(ADA, n, n === 1 ? inpainted(upload.adas, upload.mask) : n === 2 ? varied(upload.bens) : {});
      await painted(BEN, n, n === 0 ? varied(upload.bens) : n === 3 ? varied(upload.adas) : {});
    }
    await store.namespace('results').set('0000000000000000', { userId: ADA, prompt: 'of an older version' });
    for (const key of Object.values(upload)) await pictures.put(bytes, key);
    for (const userId of [ADA, BEN]) {
      await parts.drafts.keep(`draft${userId}`, {
        stage: 'shown',
        userId,
        guildId: GUILD,
        kind: 'emoji',
        name: 'apple',
        description: 'an apple',
      });
      await pictures.put(bytes, `draft-draft${userId}.png`);
      await parts.preferences.change(userId, { count: 2, negative: 'blurry' });
      await parts.limits.take({ userId, guildId: GUILD, pictures: 5, perHour: 50 });
      await parts.jobs.submit(aJob({ userId, guildId: GUILD }, { prompt: 'a job that waits' }));
      parts.stats.painted(aJob({ userId, guildId: GUILD }), 1);
      parts.stats.painted(aJob({ userId, guildId: null }), 1);
    }
    await parts.stats.settled();
  });
  afterAll(async () => {
    await parts?.jobs.shutdown(0);
    await painter?.close();
    await store?.close();
    folder[Symbol.dispose]();
  });

  async function painted(userId: string, n: number, request: Partial<PaintRequest>): Promise<void> {
    const job = {
      ...aJob({ userId, guildId: GUILD, channelId: '7' }, request),
      id: `0${String(n).padStart(14, '0')}${userId[0]}`,
    };
    await parts.results.remember(job);
    await parts.results.posted(job.id, `${userId[0]}${n}`, '7', 1);
    if (n < 5) await parts.pictures.put(bytes, `${job.id}-1.png`);
  }

  async function exported(userId: string) {
    return JSON.parse((await data.export(userId, GUILD)).toString());
  }

  /** Everything that a namespace holds, as text. */
  async function all(name: Namespace): Promise<string[]> {
    const entries: string[] = [];
    for await (const entry of scan(store.namespace(name))) entries.push(JSON.stringify(entry));
    return entries;
  }

  /** What the database has in its rows of drafts, expired or not. */
  async function stored(): Promise<string> {
    const { backend } = store;
    if (backend.kind === 'sqlite') {
      return JSON.stringify(backend.database.prepare("SELECT * FROM easel WHERE namespace = 'drafts'").all());
    }
    if (backend.kind === 'postgres') {
      return JSON.stringify((await (backend.pool as Pool).query('SELECT * FROM easel_drafts')).rows);
    }
    return (await all('drafts')).join();
  }

  test('nothing is left of an unanswered preview after an hour, not even its picture', async () => {
    const { pictures } = parts;
    const description = 'an apple that expires';
    await pictures.put(bytes, 'draft-old.png');
    await store
      .namespace('drafts')
      .set('old', { stage: 'shown', userId: ADA, guildId: GUILD, kind: 'emoji', name: 'apple', description }, 2000);
    await sweepDrafts(parts);
    expect(pictures.sizeOf('draft-old.png')).not.toBeNull();
    const swept = async () => {
      await sweepDrafts(parts);
      return pictures.sizeOf('draft-old.png');
    };
    await expect.poll(swept).toBeNull();
    for (const userId of [ADA, BEN]) expect(pictures.sizeOf(`draft-draft${userId}.png`)).not.toBeNull();
    expect(await stored()).not.toContain(description);
  });

  test('the export has all of one user and nothing of another, while everything else has its turns', async () => {
    let turns = 0;
    let exporting = true;
    const others = (async () => {
      for (; exporting; turns++) await turn();
    })();
    const own = await exported(ADA);
    exporting = false;
    await others;
    expect(turns).toBeGreaterThan(5);
    expect(own.user).toBe(ADA);
    expect(own.results).toHaveLength(RECORDS + 1);
    expect(own.results).toContainEqual(expect.objectContaining({ prompt: 'of an older version' }));
    const second = own.results.find(({ messageId }: { messageId: string }) => messageId === '11');
    expect(second.message).toBe(`https://discord.com/channels/${GUILD}/7/11`);
    expect(second.request.prompt).toBe('a red circle on white');
    expect(second.pictures.map(({ key }: { key: string }) => key)).toEqual([
      `${second.job}-1.png`,
      upload.adas,
      upload.mask,
    ]);
    expect(own.jobs).toHaveLength(1);
    expect(own.jobs[0].origin.token).toBeUndefined();
    expect(own.emojis).toHaveLength(1);
    expect(own.preferences).toEqual([{ count: 2 }, { negative: 'blurry' }]);
    expect(own.limits.map(({ key, pictures }: { key: string; pictures: number }) => [key, pictures])).toEqual([
      [`user:${ADA}`, 5],
      [`member:${GUILD}:${ADA}`, 5],
    ]);
    expect(own.statistics.map(({ place }: { place: string }) => place).sort()).toEqual([GUILD, `dm-${ADA}`]);
    expect(JSON.stringify(own)).not.toContain(BEN);
  });

  test('two of one user at once are refused', async () => {
    const first = data.export(ADA, GUILD);
    await expect(data.export(ADA, GUILD)).rejects.toMatchObject({ key: 'privacyBusy' });
    await first;
  });

  test('forgetting removes all of one user, keeps the other whole, and may be repeated', async () => {
    const forgotten = await data.forget(ADA);
    expect(forgotten).toEqual({ results: RECORDS + 1, jobs: 1, pictures: 5 + 2 + 1 });
    for (const name of ['results', 'members', 'drafts', 'stats'] as const) {
      expect((await all(name)).filter((entry) => entry.includes(ADA))).toEqual([]);
    }
    const results = await all('results');
    expect(results.filter((entry) => entry.includes(BEN) && entry.includes('request'))).toHaveLength(RECORDS);
    expect(results.filter((entry) => entry.startsWith('["message:'))).toHaveLength(RECORDS);
    expect(results.filter((entry) => entry.startsWith('["latest:'))).toHaveLength(1);
    const { pictures, jobs, stats } = parts;
    expect(await pictures.get(upload.adas)).toBeNull();
    expect(await pictures.get(upload.bens)).not.toBeNull();
    expect(jobs.list().map(({ origin }) => origin.userId)).toEqual([BEN]);
    expect((await stats.ofPlace(GUILD, BEN))!.total.requests).toBe(2);
    expect(await data.forget(ADA)).toEqual({ results: 0, jobs: 0, pictures: 0 });
    const nothing = await exported(ADA);
    const { results: none, jobs: noJobs, preferences, emojis, statistics } = nothing;
    expect([none, noJobs, preferences, emojis, statistics]).toEqual([[], [], [], [], []]);
    expect(await parts.preferences.of(BEN)).toEqual({ count: 2, negative: 'blurry' });
    expect((await exported(BEN)).results).toHaveLength(RECORDS);
  });

  test('the use of the current hour is kept', async () => {
    expect((await exported(ADA)).limits).toHaveLength(2);
    const more = await parts.limits.take({ userId: ADA, guildId: GUILD, pictures: 46, perHour: 50 });
    expect(more.ok).toBe(false);
  });

  test('a forgotten job is neither painted nor delivered', async () => {
    const delivered: string[] = [];
    const painting = parts.jobs.list().map(({ id }) => id);
    for (const id of painting) await parts.jobs.cancel(id);
    parts.jobs.start(async ({ origin }) => void delivered.push(origin.userId));
    await expect.poll(() => parts.jobs.undelivered).toBe(0);
    expect(delivered).toEqual([BEN]);
    expect(await all('jobs')).toEqual([]);
  });
}

onEachStore(conformance);

describe.skipIf(!postgresPrograms)('PostgreSQL', () => {
  test('a server lost part-way is reported: half of the data does not pass for all', async () => {
    const own = await startPostgres();
    await using store = await Store.open({ databaseUrl: own.url });
    const results = store.namespace('results');
    for (let n = 0; n < 250; n++) await results.set(`key-${n}`, n);
    const reading = (async () => {
      let met = 0;
      for await (const _ of scan(results)) if (++met === 1) await own.stop();
    })();
    await expect(reading).rejects.toBeInstanceOf(StoreError);
  });
});

describe('the file', () => {
  const json = Buffer.from(JSON.stringify({ results: Array.from({ length: 1000 }, () => 'a red apple') }));

  test('is JSON while that fits, else compressed', async () => {
    expect(await exportFile(json, 'mine.json', json.length)).toEqual({ name: 'mine.json', bytes: json });
    const { name, bytes } = await exportFile(json, 'mine.json', json.length - 1);
    expect(name).toBe('mine.json.gz');
    expect(gunzipSync(bytes).equals(json)).toBe(true);
  });

  test('that is too large for Discord is refused', async () => {
    await expect(exportFile(json, 'mine.json', 10)).rejects.toMatchObject({ key: 'privacyTooLarge' });
  });
});
