import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { Job } from '../../src/bot/request/job.js';
import { packageRoot } from '../../src/package-root.js';
import { aJob } from './request.js';
import { temporaryFolder } from './servers.js';

// The whole bot except Discord, killed with SIGKILL and restarted on the same folder; see fixtures/jobs-process.mjs.

/** Milliseconds after which it counts as never happening, on the slowest and busiest machine. */
const PATIENCE = 240_000;

const running: ChildProcess[] = [];
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL');
});

function start(dataDir: string, jobs: readonly Job[], delay = 0): ChildProcess {
  const script = join(packageRoot, 'test/bot/fixtures/jobs-process.mjs');
  const submitted = join(dataDir, 'submitted.json');
  writeFileSync(submitted, JSON.stringify(jobs));
  const child = spawn(process.execPath, [script, dataDir, submitted, String(delay)], { stdio: 'inherit' });
  running.push(child);
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}

function events(dataDir: string, kind: string): string[] {
  let text = '';
  try {
    text = readFileSync(join(dataDir, 'events.log'), 'utf8');
  } catch {
    // Nothing has happened yet.
  }
  return text.split('\n').flatMap((line) => (line.startsWith(`${kind} `) ? [line.slice(kind.length + 1)] : []));
}

const happened = (dataDir: string, kind: string, times: number) =>
  expect.poll(() => events(dataDir, kind).length, { timeout: PATIENCE, interval: 5 }).toBeGreaterThanOrEqual(times);

test(
  'kill -9 in the middle of painting: every job that was promised is painted and delivered once',
  async () => {
    using folder = temporaryFolder();
    const jobs = Array.from({ length: 6 }, (_, k) => aJob({ guildId: `g${k}` }, { steps: k === 2 ? 200 : 10 }));
    const first = start(folder.path, jobs);
    await happened(folder.path, 'removed', 2);
    await happened(folder.path, 'started', 3);
    await kill(first);
    expect(events(folder.path, 'painted')).toHaveLength(2);
    start(folder.path, []);
    await happened(folder.path, 'idle', 1);
    const delivered = events(folder.path, 'delivered');
    expect(delivered.sort()).toEqual(jobs.map(({ id }) => `${id} painted ${id}`).sort());
  },
  2 * PATIENCE,
);

test(
  'kill -9 while jobs are handed in: whatever was promised is delivered, once',
  async () => {
    using folder = temporaryFolder();
    const jobs = Array.from({ length: 2000 }, () => aJob({}, { steps: 1 }));
    const first = start(folder.path, jobs);
    await happened(folder.path, 'promised', 20);
    await kill(first);
    const promised = events(folder.path, 'promised');
    expect(promised.length).toBeLessThan(2000);
    start(folder.path, []);
    await happened(folder.path, 'idle', 1);
    const delivered = events(folder.path, 'delivered').map((line) => line.split(' ')[0]);
    expect(delivered).toEqual(expect.arrayContaining(promised));
    expect(new Set(delivered).size).toBe(delivered.length);
  },
  2 * PATIENCE,
);

test(
  'kill -9 between painting and delivering: it is not painted again, and delivered under the same nonce',
  async () => {
    using folder = temporaryFolder();
    const job = aJob();
    // The first process sends, and ends before it gets the response.
    const first = start(folder.path, [job], 60_000);
    await happened(folder.path, 'delivered', 1);
    await kill(first);
    start(folder.path, []);
    await happened(folder.path, 'removed', 1);
    expect(events(folder.path, 'painted')).toEqual([job.id]);
    // Discord drops the second of two messages with one nonce; an edited answer is the same after the second time.
    expect(events(folder.path, 'delivered')).toEqual([`${job.id} painted ${job.id}`, `${job.id} painted ${job.id}`]);
  },
  2 * PATIENCE,
);

test(
  'the painter does not outlive a process that was killed',
  async () => {
    using folder = temporaryFolder();
    const first = start(folder.path, [aJob({}, { steps: 1000, width: 128, height: 128 })]);
    await happened(folder.path, 'started', 1);
    const painter = await painterOf(first.pid!);
    await kill(first);
    await expect.poll(() => isAlive(painter), { timeout: PATIENCE }).toBe(false);
  },
  2 * PATIENCE,
);

async function painterOf(parent: number): Promise<number> {
  const children = () => readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim();
  await expect.poll(children, { timeout: PATIENCE }).not.toBe('');
  return Number(children().split(' ')[0]);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
