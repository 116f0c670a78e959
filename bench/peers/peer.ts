import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** Milliseconds between two looks at a process's memory, and for one order. */
const LOOK = 20;
const LONGEST = 10 * 60_000;
const LINES_KEPT = 20;

/** What one order took: seconds on the clock, and of all the process's threads together. */
export interface Times {
  readonly wall: number;
  readonly cpu: number;
}

/** A step and a decode take the first numbers of the same file as input, and write what comes out if they are told where. */
export type Order =
  | { do: 'open' }
  | { do: 'step'; batch: number; latent: number; tokens: number; out?: string }
  | { do: 'decode'; latent: number; out?: string }
  | { do: 'picture'; count?: number; side?: number; steps?: number };

export interface Answer extends Times {
  /** Of `open`: the libraries' versions. */
  readonly version?: string;
  readonly error?: string;
}

/**
 * A program that is measured: a process that is kept with its model loaded and told, a line of JSON at a time, to take one
 * step. So several can be loaded side by side and take turns.
 */
export class Peer {
  readonly #process: ChildProcess;
  readonly #answers: AsyncIterator<string>;
  readonly #watch: NodeJS.Timeout;
  readonly #said: string[] = [];
  #peak = 0;

  constructor(command: string, words: readonly string[], env: NodeJS.ProcessEnv = process.env) {
    // A group of its own, so that what it starts ends with it.
    this.#process = spawn(command, words, { stdio: ['pipe', 'pipe', 'pipe'], env, detached: true });
    process.once('exit', this.#kill);
    // Failures show as answers that do not come.
    this.#process.on('error', (error) => this.#said.push(error.message));
    this.#process.stdin!.on('error', () => {});
    this.#answers = createInterface({ input: this.#process.stdout! })[Symbol.asyncIterator]();
    createInterface({ input: this.#process.stderr! }).on('line', (line) => {
      this.#said.push(line);
      this.#said.splice(0, this.#said.length - LINES_KEPT);
    });
    this.#watch = setInterval(() => this.#look(), LOOK);
  }

  /** The most anonymous memory seen in it, MB; undefined where the system does not tell (elsewhere than on Linux). */
  get peak(): number | undefined {
    return this.#peak || undefined;
  }

  /** @throws Error with its last words, if it fails, ends, or takes longer than ten minutes. */
  async order(order: Order): Promise<Answer> {
    this.#process.stdin!.write(`${JSON.stringify(order)}\n`);
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.#kill();
    }, LONGEST);
    const { value, done } = await this.#answers.next();
    clearTimeout(timer);
    this.#look();
    if (late) throw new Error(`"${order.do}" was not done after ${LONGEST / 60_000} minutes`);
    if (done) throw new Error(this.#lastWords() ?? `ended at "${order.do}"`);
    const answer = JSON.parse(value) as Answer;
    if (answer.error) throw new Error(answer.error);
    return answer;
  }

  async close(): Promise<void> {
    clearInterval(this.#watch);
    process.off('exit', this.#kill);
    if (this.#process.pid === undefined || this.#process.exitCode !== null || this.#process.signalCode) return;
    this.#kill();
    await once(this.#process, 'exit');
  }

  readonly #kill = (): void => {
    const { pid } = this.#process;
    try {
      if (pid !== undefined) process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
  };

  #look(): void {
    try {
      const status = readFileSync(`/proc/${this.#process.pid}/status`, 'utf8');
      this.#peak = Math.max(this.#peak, Number(/RssAnon:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
    } catch {
      // It has ended, or this is not Linux.
    }
  }

  /** Of a traceback, the error is the last line. */
  #lastWords(): string | undefined {
    return this.#said.findLast((line) => line.trim() !== '')?.trim();
  }
}
