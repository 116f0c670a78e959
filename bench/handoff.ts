import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pino from 'pino';
import type { JobPainter } from '../src/bot/painter/job-painter.js';
import { Machine } from '../src/bot/remote/machine.js';
import { RemotePainters } from '../src/bot/remote/remote-painters.js';
import type { LocalPainter } from '../src/bot/remote/slot.js';
import { newJobId } from '../src/bot/request/job-id.js';

/** What handing jobs to painters on other machines costs: a real Redis, and painters in another process that paint nothing. */
export interface HandOffRow {
  readonly painters: number;
  readonly jobsPerSecond: number;
  /** Median milliseconds from the hand-out to the pictures. */
  readonly milliseconds: number;
}

const PNG = new Uint8Array(100_000).fill(7);
const FIT = { version: '1', schema: '1', safetyChecker: true };
const DIGESTS = new Map([['none', '0'.repeat(64)]]);
const REQUEST = {
  kind: 'txt2img',
  prompt: '',
  negative: '',
  width: 64,
  height: 64,
  count: 1,
  steps: 1,
  scale: 1,
  sampler: 'ddim',
  seed: 1,
  model: 'none',
} as const;

const log = pino({ level: 'silent' });

/** @param counts numbers of painters. @param jobs for each. */
export async function handOff(counts: readonly number[], jobs: number): Promise<HandOffRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'easel-handoff-'));
  const port = await freePort();
  const words = ['--port', String(port), '--dir', folder, '--save', '', '--appendonly', 'yes'];
  const redis = spawn('redis-server', words, { stdio: 'ignore' });
  const url = `redis://127.0.0.1:${port}`;
  const rows: HandOffRow[] = [];
  try {
    const painters = await RemotePainters.open({ url, fit: FIT, models: new Map(), digests: DIGESTS, log });
    for (const count of counts) {
      const machine = spawn(process.execPath, [fileURLToPath(import.meta.url), url, String(count), folder]);
      while (painters.all.length !== count) await sleep(50);
      await run(painters, painters.all, 50);
      const { seconds, times } = await run(painters, painters.all, jobs);
      rows.push({
        painters: count,
        jobsPerSecond: jobs / seconds,
        milliseconds: times.sort((a, b) => a - b)[jobs >> 1]!,
      });
      machine.kill('SIGTERM');
      await once(machine, 'exit');
      while (painters.all.length > 0) await sleep(50);
    }
    await painters.close();
  } finally {
    redis.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
  return rows;
}

async function run(painters: RemotePainters, all: readonly JobPainter[], jobs: number) {
  const times: number[] = [];
  let left = jobs;
  const began = performance.now();
  const work = async (painter: JobPainter) => {
    while (left-- > 0) {
      const job = { id: newJobId(), attempts: 0 };
      const start = performance.now();
      await painter.paint(REQUEST, { job });
      times.push(performance.now() - start);
      void painters.forget(job.id);
    }
  };
  await Promise.all(all.map(work));
  return { seconds: (performance.now() - began) / 1000, times };
}

/** The other process. */
async function paint(url: string, count: number, dataDir: string): Promise<void> {
  const stub = (name: string): LocalPainter => ({
    name,
    host: 'bench',
    paint: async ({ width, height, seed }) => ({
      pictures: [{ png: PNG, width, height, seed, flagged: false }],
      notices: [],
    }),
    close: async () => {},
  });
  const painters = Array.from({ length: count }, (_, k) => stub(`bench ${k}`));
  const machine = await Machine.open({ url, painters, fit: FIT, models: DIGESTS, dataDir, log });
  process.once('SIGTERM', () => void machine.close().then(() => process.exit(0)));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [url, count, folder] = process.argv.slice(2);
  if (url && count && folder) await paint(url, Number(count), folder);
  else {
    console.log('| painters | jobs a second | ms a job |\n| --: | --: | --: |');
    for (const { painters, jobsPerSecond, milliseconds } of await handOff([1, 2, 4], 2000)) {
      console.log(`| ${painters} | ${jobsPerSecond.toFixed(0)} | ${milliseconds.toFixed(1)} |`);
    }
  }
}
