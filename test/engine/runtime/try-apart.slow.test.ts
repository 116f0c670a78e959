import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { chooseDevice } from '../../../src/engine/runtime/device.js';
import { trialOf } from '../../../src/engine/runtime/trial-cache.js';
import { tryApart } from '../../../src/engine/runtime/try-apart.js';

const MAIN = join(import.meta.dirname, '../../../dist/src/cli/main.js');
const HEAD = 40;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'easel-apart-'));
  vi.stubEnv('NODE_OPTIONS', `--require ${join(import.meta.dirname, 'broken-driver.cjs')}`);
  vi.stubEnv('BROKEN_DRIVER_LOG', join(folder, 'log'));
  vi.stubEnv('EASEL_CACHE', join(folder, 'cache'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const driver = (how: string) => vi.stubEnv('BROKEN_DRIVER', how);
const processes = () => readFileSync(join(folder, 'log'), 'utf8').trim().split('\n').map(Number);
const ask = (patience?: number) =>
  trialOf('webgpu', HEAD, {
    folder: join(folder, 'cache'),
    tryOut: (provider, head) => tryApart(provider, head, { patience }),
  });

describe('a device is tried in a process of its own', () => {
  test.each([
    ['SIGSEGV 0', /^its driver crashed in a trial \(SIGSEGV\)$/],
    ['SIGABRT 2', /^its driver crashed in a trial \(SIGABRT\)$/],
    ['SIGILL 1', /^its driver crashed in a trial \(SIGILL\)$/],
    ['exit 1 0', /^its driver crashed in a trial \(exit code 1\)$/],
    ['exit 0 2', /^its driver crashed in a trial \(exit code 0\)$/],
  ])('a driver that does "%s" is refused, which is kept', async (how, refusal) => {
    driver(how);
    expect(await ask()).toMatchObject({ trial: { refusal: expect.stringMatching(refusal) } });
    expect(await ask()).toMatchObject({ trial: { refusal: expect.stringMatching(refusal) } });
    expect(processes()).toHaveLength(1);
  });

  test.each(['hang 0', 'hang 3'])(
    'one that never returns (%s) is refused after a while, which is kept',
    async (how) => {
      driver(how);
      const refusal = 'it gave no answer in a trial for 10 seconds';
      expect(await ask(10_000)).toMatchObject({ trial: { refusal } });
      expect(await ask(10_000)).toMatchObject({ trial: { refusal } });
      const [pid, ...more] = processes();
      expect(more).toEqual([]);
      await expect.poll(() => isRunning(pid!)).toBe(false);
    },
  );

  test('one that somebody else stopped is tried again', async () => {
    driver('SIGTERM 1');
    expect(await ask()).toEqual({ reason: 'its trial was stopped (SIGTERM)' });
    driver('none');
    expect(await ask()).toMatchObject({ trial: { forms: { float32: { attention: 'fused' } } } });
    expect(await ask()).toMatchObject({ trial: { forms: { float32: { attention: 'fused' } } } });
    expect(processes()).toHaveLength(2);
  });

  test('nothing is started for the processor', async () => {
    driver('none');
    writeFileSync(join(folder, 'log'), '');
    expect((await chooseDevice('cpu')).taken).toBe('cpu');
    expect((await chooseDevice('auto')).taken).toBe('cpu');
    expect(readFileSync(join(folder, 'log'), 'utf8')).toBe('');
  });

  test('auto passes by one that crashes, and by name it is an error in one line', async () => {
    driver('SIGSEGV 1');
    const cache = join(folder, 'cache');
    const { taken, providers } = await chooseDevice('auto', { order: ['webgpu', 'cpu'], cache });
    expect(taken).toBe('cpu');
    expect(providers[0]).toMatchObject({ available: false, reason: 'its driver crashed in a trial (SIGSEGV)' });
    await expect(chooseDevice('webgpu', { cache })).rejects.toThrow(
      /^The device webgpu cannot be used: its driver crashed in a trial \(SIGSEGV\)\.$/,
    );
  });

  test('easel devices says so, and what stands in the cache folder is read by the next one', async () => {
    driver('SIGSEGV 0');
    const devices = async () => (await promisify(execFile)(process.execPath, [MAIN, 'devices'])).stdout;
    const line = 'webgpu: not available: its driver crashed in a trial (SIGSEGV)';
    expect((await devices()).split('\n')).toContain(line);
    expect(readdirSync(join(folder, 'cache/devices'))).toHaveLength(1);
    expect((await devices()).split('\n')).toContain(line);
    expect(processes()).toHaveLength(1);
  });

  test('it does not outlive a program that is killed while its driver hangs', async () => {
    driver('hang 0');
    const program = spawn(process.execPath, [MAIN, 'devices'], { stdio: 'ignore' });
    await expect.poll(() => readdirSync(folder)).toContain('log');
    await expect.poll(processes).toHaveLength(1);
    program.kill('SIGKILL');
    await expect.poll(() => isRunning(processes()[0]!)).toBe(false);
  });
});

/** A process that has ended may remain as a zombie until init reaps it. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
