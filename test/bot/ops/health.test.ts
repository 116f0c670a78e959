import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as turn } from 'node:timers/promises';
import { Client } from 'discord.js';
import pino from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Health } from '../../../src/bot/ops/health.js';
import { Painter } from '../../../src/bot/painter/painter.js';
import { Jobs } from '../../../src/bot/queue/jobs.js';
import { Pictures } from '../../../src/bot/storage/pictures.js';
import { Store } from '../../../src/bot/storage/store.js';
import { packageRoot } from '../../../src/engine/package-root.js';
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
  jobs = await Jobs.open({ config, store, painters: [painter], pictures, log });
  health = await Health.listen({ config, store, jobs, painter, client });
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
  await using other = await Health.listen({ config: elsewhere, store, jobs, painter, client });
  expect(await (await fetch(`${other.url}/readyz`)).text()).toContain('DATA_DIR cannot be written\n');
});

test('it is not ready while the painter dies again and again', async () => {
  await using dying = new Dying(config, log);
  await using other = await Health.listen({ config, store, jobs, painter: dying.painter, client });
  const readyz = async () => (await fetch(`${other.url}/readyz`)).text();
  await dying.die(2);
  expect(await readyz()).not.toContain('painter');
  await dying.die(1);
  expect(await readyz()).toContain('the painter died 3 times in a row\n');
  await dying.painter.paint(aJob().request);
  expect(await readyz()).not.toContain('painter');
});

/** A painter that is killed in the middle of its work. */
class Dying implements AsyncDisposable {
  readonly painter: Painter;
  constructor(...[config, log]: ConstructorParameters<typeof Painter>) {
    this.painter = new Painter(config, log, { backOff: 1 });
  }

  async die(times: number): Promise<void> {
    for (let k = 0; k < times; k++) {
      const painted = this.painter.paint(aJob().request).catch(() => {});
      while (!this.painter.pid) await turn();
      process.kill(this.painter.pid, 'SIGKILL');
      await painted;
    }
  }

  [Symbol.asyncDispose]() {
    return this.painter.close();
  }
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
  const second = Health.listen({ config: { ...config, healthPort: port }, store, jobs, painter, client });
  await expect(second).rejects.toThrow(new RegExp(`127.0.0.1:${port} \\(EADDRINUSE\\).*HEALTH_PORT`));
});

test('a store that is gone makes it unready', async () => {
  await store.close();
  expect((await get('/readyz')).text).toContain('the store cannot be reached');
});
