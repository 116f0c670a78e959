import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'vitest';
import { packageRoot } from '../../../src/package-root.js';
import { freePort } from '../servers.js';
import type { Studio } from './harness.js';

const FIRST_STEP = '"msg":"the first step"';

/** The bot as a process of its own, as `npm start` runs it, beside others. */
export class BotProcess {
  /** What it wrote, on both outputs. */
  printed = '';
  /** Its exit code; null for a signal. */
  readonly ended: Promise<number | null>;

  private constructor(
    private readonly child: ChildProcess,
    private readonly port: number,
  ) {
    for (const output of [child.stdout!, child.stderr!]) {
      output.on('data', (text) => {
        this.printed += text;
      });
    }
    this.ended = new Promise((resolve) => child.once('exit', resolve));
  }

  /** @param env on top of the studio's. */
  static async start(studio: Studio, env: NodeJS.ProcessEnv = {}): Promise<BotProcess> {
    const { PATH, HOME } = process.env;
    const port = await freePort();
    const child = spawn(process.execPath, [join(packageRoot, 'dist/src/main.js')], {
      env: { PATH, HOME, ...studio.environment, HEALTH_PORT: String(port), LOG_LEVEL: 'debug', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new BotProcess(child, port);
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /**
   * Does something while the painter stands still, from the first step of its next job on: however quick the machine is, the job
   * is not done before.
   *
   * @param log of whoever starts the painter.
   */
  async inTheMiddle<T>(act: () => Promise<T>, log = () => this.printed): Promise<T> {
    let painter: number | undefined;
    const before = this.printed.length;
    const stop = () => {
      if (!this.printed.includes(FIRST_STEP, before)) return;
      this.child.stdout!.off('data', stop);
      painter = Number([...log().matchAll(/"child":(\d+),"msg":"painter started"/g)].at(-1)![1]);
      process.kill(painter, 'SIGSTOP');
    };
    this.child.stdout!.on('data', stop);
    try {
      return await act();
    } finally {
      this.child.stdout!.off('data', stop);
      if (painter) process.kill(painter, 'SIGCONT');
    }
  }

  /** @returns null while it does not listen. */
  async ask(path: string): Promise<{ status: number; text: string } | null> {
    try {
      const response = await fetch(`http://127.0.0.1:${this.port}${path}`, { signal: AbortSignal.timeout(2000) });
      return { status: response.status, text: await response.text() };
    } catch {
      return null;
    }
  }

  /** Waits until it works, or stands by. */
  async isLeader(): Promise<void> {
    await expect.poll(async () => (await this.ask('/readyz'))?.text, { interval: 100 }).toBe('ready\n');
  }

  async standsBy(): Promise<void> {
    await expect.poll(async () => (await this.ask('/readyz'))?.text, { interval: 100 }).toMatch(/^standby: /);
  }

  /** Ends it as politely as it lets us: a leader that is killed keeps its lock for ten seconds. */
  async stop(): Promise<void> {
    this.kill('SIGCONT');
    this.kill('SIGTERM');
    const patience = setTimeout(() => this.kill('SIGKILL'), 12_000);
    await this.ended;
    clearTimeout(patience);
  }
}

/** A leader, and a bot that stands by. */
export async function pair(studio: Studio, env: NodeJS.ProcessEnv = {}): Promise<[BotProcess, BotProcess]> {
  const leader = await BotProcess.start(studio, env);
  await leader.isLeader();
  const standby = await BotProcess.start(studio);
  await standby.standsBy();
  return [leader, standby];
}
