import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, listening } from '../servers.js';

export interface RedisOptions {
  /** Lines of a redis.conf, each as words. */
  readonly settings?: readonly string[];
  readonly port?: number;
  /** Needed for a restart that keeps the data. */
  readonly folder?: string;
}

/** A real Redis with a journal, a port and a folder of its own. */
export class OwnRedis implements AsyncDisposable {
  private constructor(
    readonly port: number,
    readonly folder: string,
    private readonly settings: readonly string[],
    private process: ChildProcess,
  ) {}

  static async start({ settings = [], port, folder }: RedisOptions = {}): Promise<OwnRedis> {
    const own = port ?? (await freePort());
    const home = folder ?? mkdtempSync(join(tmpdir(), 'easel-redis-'));
    const redis = new OwnRedis(own, home, settings, spawned(own, home, settings));
    await redis.#answers();
    return redis;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  /** As an operator would: the journal is complete. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const gone = new Promise((resolve) => this.process.once('exit', resolve));
    this.process.kill(signal);
    await gone;
  }

  async startAgain(): Promise<void> {
    this.process = spawned(this.port, this.folder, this.settings);
    await this.#answers();
  }

  /** The answer to a command, from redis-cli. */
  ask(...words: string[]): string {
    return execFileSync('redis-cli', ['-p', String(this.port), ...words], { encoding: 'utf8' }).trim();
  }

  keys(pattern = '*'): string[] {
    return this.ask('--scan', '--pattern', pattern).split('\n').filter(Boolean);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #answers(): Promise<void> {
    await listening(this.port);
    // It listens before its journal is read.
    for (;;) {
      const log = join(this.folder, 'redis.log');
      const text = existsSync(log) ? readFileSync(log, 'utf8') : '';
      if (
        text
          .trimEnd()
          .split('\n')
          .some((line) => line.includes(`${this.process.pid}:M`) && line.includes('Ready to accept'))
      )
        return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

function spawned(port: number, folder: string, settings: readonly string[]): ChildProcess {
  const words = ['--port', String(port), '--dir', folder, '--logfile', 'redis.log', '--save', ''];
  return spawn('redis-server', [...words, '--appendonly', 'yes', ...settings], { stdio: 'ignore' });
}
