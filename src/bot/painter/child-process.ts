import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Logger } from 'pino';
import { childEnv } from '../../config.js';
import { RequestError } from '../../engine/errors.js';
import { packageRoot } from '../../package-root.js';
import { inSources } from '../../source-stack.js';
import { boundedNode } from './bounded-node.js';
import type { Failure, FromChild, PaintProgress, ToChild } from './messages.js';

/** The process ended while it had work: it was killed, crashed, ran out of memory, or was silent for too long. */
export class PainterDied extends Error {
  override name = 'PainterDied';
}

export type Unnumbered<T> = T extends { id: number } ? Omit<T, 'id'> : never;
type Value<T> = Extract<FromChild, { type: 'done' }>['value'] & T;

export interface CallOptions {
  signal?: AbortSignal;
  onProgress?: (progress: PaintProgress) => void;
  /** Milliseconds of silence after which the child is killed. */
  silence: number;
}

export interface ChildLimits {
  /** Most bytes of memory. */
  memory?: number;
}

interface Call {
  resolve(value: never): void;
  reject(error: unknown): void;
  /** The child has said something, to this call or another. */
  onHeard(): void;
  onProgress?: (progress: PaintProgress) => void;
}

/** Milliseconds that an aborted call has to reach the end of its step. */
const ABORT_GRACE = 30_000;
const CLOSE_GRACE = 2_000;

/**
 * A child process and its unanswered calls.
 *
 * Invariant: every call settles, by an answer or, when the process ends, with PainterDied.
 */
export class Child {
  /** Resolves when the process has ended. */
  readonly ended: Promise<void>;
  /** Resident bytes at its last answer. */
  memory = 0;
  /** Accepts calls: it has neither ended nor been killed. */
  alive = true;
  readonly #process: ChildProcess;
  readonly #calls = new Map<number, Call>();
  #numbers = 0;
  #reason: string | null = null;

  /** @param entry file in the folder of compiled children. @param argument plain data passed at its start. */
  constructor(
    entry: 'child.js' | 'inspector.js' | 'interrogator.js',
    argument: object,
    log: Logger,
    { memory }: ChildLimits = {},
  ) {
    this.#process = fork(join(packageRoot, 'dist/src/bot/painter', entry), [JSON.stringify(argument)], {
      serialization: 'advanced',
      env: childEnv(),
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      ...boundedNode(memory),
    });
    const lines = createInterface({ input: this.#process.stderr! });
    lines.on('line', (line) => log.warn({ child: this.pid }, inSources(line)));
    this.#process.on('message', (message: FromChild) => this.#receive(message));
    this.ended = new Promise((resolve) => {
      const end = (how: string) => {
        this.alive = false;
        for (const { reject } of this.#calls.values()) reject(new PainterDied(`The process ${entry} ${how}.`));
        this.#calls.clear();
        resolve();
      };
      this.#process.once('exit', (code, signal) => end(this.#reason ?? `ended by ${signal ?? `exit code ${code}`}`));
      // Either a message to a process that is just ending, which `exit` reports; or it could not be started at all.
      this.#process.on('error', ({ message }) => {
        if (this.pid === undefined) end(`could not be started: ${message}`);
      });
    });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** @throws RequestError for the author; PainterDied; the signal's reason; Error for the operator. */
  async call<T>(message: Unnumbered<ToChild>, { signal, onProgress, silence }: CallOptions): Promise<T> {
    signal?.throwIfAborted();
    if (!this.alive) throw new PainterDied('The process has ended.');
    const id = this.#numbers++;
    const silent = () => this.kill(`said nothing for ${silence / 1000} s and was killed`);
    let watchdog = setTimeout(silent, silence);
    let grace: NodeJS.Timeout | undefined;
    const abort = () => {
      this.#process.send({ type: 'abort', id } satisfies ToChild);
      // While others are in it, a step takes longer, and it is not worth their work.
      grace = setInterval(() => {
        if (this.#calls.size === 1) this.kill('did not stop when it was told to, and was killed');
      }, ABORT_GRACE);
    };
    try {
      return await new Promise<T>((resolve, reject) => {
        this.#calls.set(id, {
          resolve: resolve as Call['resolve'],
          reject: (error) => reject(signal?.aborted ? signal.reason : error),
          onHeard: () => {
            clearTimeout(watchdog);
            watchdog = setTimeout(silent, silence);
          },
          onProgress,
        });
        signal?.addEventListener('abort', abort, { once: true });
        this.#process.send({ ...message, id } as ToChild);
      });
    } finally {
      clearTimeout(watchdog);
      clearInterval(grace);
      signal?.removeEventListener('abort', abort);
    }
  }

  kill(reason: string): void {
    this.alive = false;
    this.#reason ??= reason;
    this.#process.kill('SIGKILL');
  }

  /** Disconnects, upon which it ends by itself; it is killed if it does not. */
  async close(): Promise<void> {
    this.#reason ??= 'was closed';
    if (this.#process.connected) this.#process.disconnect();
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), CLOSE_GRACE);
    await this.ended;
    clearTimeout(timer);
  }

  #receive(message: FromChild): void {
    for (const each of this.#calls.values()) each.onHeard();
    const call = this.#calls.get(message.id);
    // A preview may arrive after its picture.
    if (!call) return;
    if (message.type === 'progress') {
      call.onProgress?.(message);
      return;
    }
    this.memory = message.memory;
    this.#calls.delete(message.id);
    if (message.type === 'done') call.resolve(message.value as Value<never>);
    else if (message.type === 'failed') call.reject(errorOf(message.failure));
    else call.reject(new Error('aborted'));
  }
}

function errorOf({ name, message, stack, code, forAuthor }: Failure): Error {
  if (forAuthor) return new RequestError(message, { meaning: forAuthor });
  return Object.assign(new Error(message), { name, stack, ...(code && { code }) });
}
