import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'discord.js';
import pino from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Health } from '../../../src/bot/ops/health.js';
import { type JobPainter, PainterDied } from '../../../src/bot/painter/job-painter.js';
import { LocalPainters } from '../../../src/bot/painter/local-painters.js';
import { Painter } from '../../../src/bot/painter/painter.js';
import { Jobs } from '../../../src/bot/queue/jobs.js';
import { Pictures } from '../../../src/bot/storage/pictures.js';
import { Store } from '../../../src/bot/storage/store.js';
import { packageRoot } from '../../../src/package-root.js';
import { FixedPainters, noInspectors } from '../painter/fixed-painters.js';
import { aJob } from '../request.js';
import { temporaryFolder } from '../servers.js';

const log = pino({ level: 'silent' });
const folder = temporaryFolder();
const config = {
  dataDir: folder.path,
  userQueue: 9,
  guildQueue: 9,
  healthHost: '127.0.0.1',
  healthPort: 0,
  modelsDir: join(packageRoot, 'models'),
  device: 'cpu',
  threads: 1,
  safetyChecker: true,
  painterMemory: 1e12,
} as const;
const painter = new Painter(config, log);
/** Never logged in: its gateway is not ready. */
const client = new Client({ intents: [] });
let store: Store;
let jobs: Jobs;
let health: Health;

beforeAll(async () => {
  store = await Store.open({ databaseUrl: `sqlite://${join(folder.path, 'easel.sqlite')}` });
  const pictures = await Pictures.open(join(folder.path, 'pictures'), 1e9);
  jobs = await Jobs.open({
    config,
    store,
    painters: new LocalPainters([painter]),
    inspectors: noInspectors,
    pictures,
    log,
  });
  health = await Health.listen({ config, store, jobs, client });
});

afterAll(async () => {
  await health.close();
  await jobs.shutdown(100);
  await painter.close();
  await client.destroy();
  folder[Symbol.dispose]();
});

const get = async (path: string) => {
  const response = await fetch(health.url + path);
  return { status: response.status, text: await response.text() };
};

test('it is alive', async () => {
  expect(await get('/healthz')).toEqual({ status: 200, text: 'ok\n' });
});

test('it is not ready without a gateway, and says so', async () => {
  expect(await get('/readyz')).toEqual({ status: 503, text: 'not connected to the gateway\n' });
});

test('it is not ready while nothing can be written', async () => {
  rmSync(join(folder.path, 'gone'), { recursive: true, force: true });
  const elsewhere = { ...config, dataDir: join(folder.path, 'gone') };
  await using other = await Health.listen({ config: elsewhere, store, jobs, client });
  expect(await (await fetch(`${other.url}/readyz`)).text()).toContain('DATA_DIR cannot be written\n');
});

test('it is not ready while every painter keeps failing, or while there is none, and says so', async () => {
  let dies = true;
  const frail = (name: string): JobPainter => ({
    name,
    host: 'here',
    async paint(request, call) {
      if (dies) throw new PainterDied('It was killed.');
      return painter.paint(request, call);
    },
  });
  const painters = new FixedPainters(frail('attic'));
  await using other = await openHealth(painters);
  const missing = async () => (await fetch(`${other.url}/readyz`)).text();
  for (let k = 0; k < 2; k++) await other.jobs.submit(aJob());
  await expect.poll(missing).toMatch(/^attic failed 4 times in a row$/m);
  painters.become(...painters.all, frail('cellar'));
  expect(await missing()).not.toContain('failed');
  dies = false;
  await other.jobs.submit(aJob());
  await expect.poll(() => other.jobs.unfinished()).toEqual([]);
  painters.become();
  expect(await missing()).toMatch(/^no painter lives$/m);
  painters.problem = 'Redis is away';
  expect(await missing()).toMatch(/^Redis is away$/m);
});

/** A queue of its own, with its health. */
async function openHealth(painters: FixedPainters) {
  const own = temporaryFolder();
  const store = await Store.open({ databaseUrl: `sqlite://${join(own.path, 'easel.sqlite')}` });
  const pictures = await Pictures.open(join(own.path, 'pictures'), 1e9);
  const inspectors = noInspectors;
  const times = { rest: 1 };
  const jobs = await Jobs.open({
    config: { ...config, dataDir: own.path },
    store,
    painters,
    inspectors,
    pictures,
    log,
    times,
  });
  jobs.start(async () => {});
  const health = await Health.listen({ config: { ...config, dataDir: own.path }, store, jobs, client });
  const dispose = async () => {
    await health.close();
    await jobs.shutdown(100);
    await store.close();
    own[Symbol.dispose]();
  };
  return { jobs, url: health.url, [Symbol.asyncDispose]: dispose };
}

test('metrics count jobs by outcome, and name nobody', async () => {
  expect((await get('/metrics')).text).toContain('easel_jobs_total{state="delivered"} 0');
  jobs.start(async () => {});
  await jobs.submit(aJob({ userId: '777888999', guildId: '111222333' }));
  await expect
    .poll(async () => (await get('/metrics')).text, { timeout: 240_000 })
    .toContain('easel_jobs_total{state="delivered"} 1');
  const { text } = await get('/metrics');
  expect(text).toMatch(/easel_job_paint_seconds_count 1/);
  expect(text).toMatch(/easel_job_wait_seconds_sum [\d.e-]+/);
  for (const name of [
    'queue_length 0',
    'undelivered 0',
    'painter_restarts 0',
    'gateway_ready 0',
    'rest_invalid_requests 0',
  ]) {
    expect(text).toContain(`easel_${name}`);
  }
  expect(text).toMatch(/easel_event_loop_delay_p99_seconds \d/);
  expect(text).not.toMatch(/777888999|111222333|red circle/);
});

test('a port that is taken is named', async () => {
  const port = Number(new URL(health.url).port);
  const second = Health.listen({ config: { ...config, healthPort: port }, store, jobs, client });
  await expect(second).rejects.toThrow(new RegExp(`127.0.0.1:${port} \\(EADDRINUSE\\).*HEALTH_PORT`));
});

test('a store that is gone makes it unready', async () => {
  await store.close();
  expect((await get('/readyz')).text).toContain('the store cannot be reached');
});
