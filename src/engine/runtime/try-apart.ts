import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ErrorCode } from '../errors.js';
import { compiledFile, thisFile } from '../package-root.js';
import type { Adapter } from './adapter.js';
import type { Provider } from './provider.js';
import type { Trial } from './trial.js';
import type { TrialWord } from './trial-process.js';

/**
 * The result of trying a provider: why no session can be created, or its hardware, as far as it is known, and the
 * result of a trial.
 */
export type Tried =
  | { readonly reason: string; readonly code?: ErrorCode }
  | { readonly adapter?: Adapter; readonly trial: Trial };

/** Milliseconds for a graph of a few kilobytes; software drivers take up to half a minute to compile one. */
const PATIENCE = 180_000;

/** Signals sent by people, or by a system that runs out of memory, which say nothing about the driver. */
const FROM_OUTSIDE: readonly (NodeJS.Signals | null)[] = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL'];

/** The compiled file, even when this one runs from source; with a loader for sources, the source. */
const BUILT = compiledFile('runtime/trial-process.js');

/**
 * Tries a device in a separate process, because a driver may crash or hang. Either counts as a failed trial.
 *
 * @param patience milliseconds of silence after which it counts as hung.
 */
export async function tryApart(
  provider: Provider,
  headSize: number,
  { patience = PATIENCE }: { patience?: number } = {},
): Promise<Tried> {
  const built = existsSync(BUILT);
  const entry = built ? BUILT : join(dirname(thisFile), 'runtime/trial-process.ts');
  if (!existsSync(entry))
    return { reason: 'the package @easel/engine, which has the program that tries devices, was not found' };
  const child = fork(entry, [provider, `${headSize}`, `${process.pid}`], {
    ...(built && { execArgv: [] }),
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    serialization: 'advanced',
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  let errors = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-4000);
  });
  let adapter: Adapter | undefined;
  let end: Tried | undefined;
  let watchdog: NodeJS.Timeout | undefined;
  try {
    return await new Promise<Tried>((resolve) => {
      const failed = (refusal: string): Tried => ({ adapter, trial: { refusal } });
      const wait = () => {
        clearTimeout(watchdog);
        const hung = () => resolve(end ?? failed(`it gave no answer in a trial for ${patience / 1000} seconds`));
        watchdog = setTimeout(hung, patience);
      };
      wait();
      child.on('message', (word: TrialWord) => {
        wait();
        if ('adapter' in word) adapter = word.adapter;
        else if ('reason' in word) end = word;
        else if ('trial' in word) end = { adapter, trial: word.trial };
        // A driver may also crash or hang while its process exits.
        if (end) kill();
      });
      child.once('error', ({ message }) => resolve({ reason: `its trial could not be started (${message})` }));
      // After all output has been read, unlike `exit`.
      child.once('close', (code, signal) => {
        if (end && 'reason' in end && lacksVulkan(errors)) resolve({ reason: NO_VULKAN, code: 'vulkanMissing' });
        else if (end) resolve(end);
        else if (FROM_OUTSIDE.includes(signal)) resolve({ reason: `its trial was stopped (${signal})` });
        else resolve(failed(`its driver crashed in a trial (${signal ?? exitCode(code)})`));
      });
    });
  } finally {
    clearTimeout(watchdog);
    process.off('exit', kill);
    kill();
  }
}

const NO_VULKAN = "Vulkan's loader, libvulkan.so.1, is not installed";

/** Dawn, ONNX Runtime's WebGPU, only writes it to standard error. */
function lacksVulkan(errors: string): boolean {
  return /Couldn't load Vulkan: libvulkan\.so\.1: cannot open/.test(errors);
}

/** Windows' exit codes are known in hexadecimal: 0xC0000005. */
function exitCode(code: number | null): string {
  return code !== null && code > 255 ? `0x${code.toString(16).toUpperCase()}` : `exit code ${code}`;
}
