import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import pino from 'pino';
import type { Models } from '../../../src/bot/models/models.js';
import { Inspectors } from '../../../src/bot/painter/inspectors.js';
import { Jobs } from '../../../src/bot/queue/jobs.js';
import { RemotePainters } from '../../../src/bot/remote/remote-painters.js';
import { type RemoteTimes, TIMES } from '../../../src/bot/remote/times.js';
import type { Outcome } from '../../../src/bot/request/job.js';
import { Pictures } from '../../../src/bot/storage/pictures.js';
import { Store } from '../../../src/bot/storage/store.js';
import { DEFAULT_MODEL } from '../../../src/config.js';

// A bot's queue in the test's own process, and painters in processes of their own, with a real Redis in between.

/** A lock of two seconds, and everything else in proportion. */
export const FAST: RemoteTimes = {
  ...TIMES,
  lock: 2000,
  stalled: 500,
  announced: 1500,
  watch: 500,
  progress: 100,
  patience: 1000,
  grace: 5000,
  remembered: 2000,
};
export const FIT = { version: '1.0.0', schema: 'same', safetyChecker: true };
export const MODELS = { [DEFAULT_MODEL]: 'a'.repeat(64) };

/** How the jobs that a bot delivered had ended. */
export const kinds = ({ delivered }: { delivered: { outcome: Outcome }[] }) =>
  delivered.map(({ outcome }) => outcome.kind);

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));

/** A process that says what it does, line by line. */
export class Talker implements AsyncDisposable {
  readonly lines: string[] = [];
  readonly #said = new EventEmitter<{ line: [] }>();
  readonly #process: ChildProcess;
  #errors = '';

  constructor(script: string, words: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.#process = spawn(process.execPath, [script, ...words], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    this.#said.setMaxListeners(0);
    createInterface({ input: this.#process.stdout! }).on('line', (line) => {
      this.lines.push(line);
      this.#said.emit('line');
    });
    this.#process.stderr!.on('data', (bytes) => {
      this.#errors += bytes;
    });
    this.#process.once('exit', () => this.#said.emit('line'));
  }

  get pid(): number {
    return this.#process.pid!;
  }

  get over(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  get exitCode(): number | null {
    return this.#process.exitCode;
  }

  /** What it wrote to its error output. */
  get errors(): string {
    return this.#errors;
  }

  /** The first line that matches, said already or later. */
  async said(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = this.lines.find((line) => pattern.test(line));
      if (found !== undefined) return found;
      if (this.over) throw new Error(`It ended without saying ${pattern}:\n${this.lines.join('\n')}\n${this.#errors}`);
      await once(this.#said, 'line');
    }
  }

  count(pattern: RegExp): number {
    return this.lines.filter((line) => pattern.test(line)).length;
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (this.over) return;
    this.#process.kill(signal);
    if (signal !== 'SIGSTOP' && signal !== 'SIGCONT') await this.ended();
  }

  async ended(): Promise<void> {
    if (!this.over) await once(this.#process, 'exit');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.over) this.#process.kill('SIGCONT');
    await this.kill();
  }
}

export interface PainterOptions {
  names?: readonly string[];
  times?: RemoteTimes;
  fit?: typeof FIT;
  models?: Record<string, string>;
  dataDir?: string;
  ca?: string;
  /** Real painters, of the models there. */
  modelsDir?: string;
}

interface BotOptions {
  dataDir?: string;
  times?: RemoteTimes;
  fit?: typeof FIT;
  digests?: ReadonlyMap<string, string>;
  models?: Models;
  ca?: string;
}

/** What a test leaves behind is removed when it ends. */
export class Bench implements AsyncDisposable {
  readonly #ends: (() => Promise<unknown> | unknown)[] = [];

  folder(): string {
    const path = mkdtempSync(join(tmpdir(), 'easel-remote-'));
    this.#ends.push(() => rmSync(path, { recursive: true, force: true, maxRetries: 5 }));
    return path;
  }

  /** Resolves when it has announced itself. */
  async painter(url: string, options: PainterOptions = {}): Promise<Talker> {
    const talker = this.painterStarting(url, options);
    await talker.said(/^ready/);
    return talker;
  }

  painterStarting(url: string, options: PainterOptions = {}): Talker {
    const { names = ['attic'], times = FAST, fit = FIT, models = MODELS, dataDir = this.folder() } = options;
    const { ca, modelsDir } = options;
    const words = [JSON.stringify({ url, names, times, fit, models, dataDir, ca, modelsDir })];
    const talker = new Talker(fixture('painter-process.mjs'), words);
    this.#ends.push(() => talker[Symbol.asyncDispose]());
    return talker;
  }

  botProcess(options: object): Talker {
    const whole = { times: FAST, fit: FIT, digests: MODELS, jobs: [], ...options };
    const talker = new Talker(fixture('remote-bot-process.mjs'), [JSON.stringify(whole)]);
    this.#ends.push(() => talker[Symbol.asyncDispose]());
    return talker;
  }

  async bot(url: string, options: BotOptions = {}) {
    const { dataDir = this.folder(), times = FAST, fit = FIT, digests = new Map(Object.entries(MODELS)) } = options;
    const { models = new Map(), ca } = options;
    const lines: string[] = [];
    const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
    const store = await Store.open({ databaseUrl: `sqlite://${join(dataDir, 'easel.sqlite')}` });
    const pictures = await Pictures.open(join(dataDir, 'pictures'), 1e9);
    const inspectors = new Inspectors(log);
    const given = ca === undefined ? {} : { ca };
    const painters = await RemotePainters.open({ url, fit, models, digests, log, times, ...given });
    const config = { dataDir, userQueue: 10_000, guildQueue: 10_000 };
    const jobs = await Jobs.open({ config, store, painters, inspectors, pictures, log, times: { patience: 300 } });
    const started: string[] = [];
    const delivered: { id: string; outcome: Outcome }[] = [];
    jobs.events.on('started', ({ id }) => started.push(id));
    jobs.events.on('delivered', ({ id }) => void painters.forget(id));
    let open = true;
    const close = async () => {
      if (!open) return;
      open = false;
      await jobs.shutdown(500);
      await painters.close();
      await inspectors.close();
      await store.close();
    };
    this.#ends.push(close);
    jobs.start(async ({ id }, outcome) => void delivered.push({ id, outcome }));
    return { jobs, painters, pictures, started, delivered, lines, close, dataDir };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const end of this.#ends.reverse()) await end();
  }
}
