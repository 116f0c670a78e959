import { existsSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { InferenceSession } from 'onnxruntime-node';
import type { StoredTensor } from '../checkpoint/tensor.js';
import { EaselError } from '../errors.js';
import type { Update } from '../lora/updates.js';
import { compiledFile } from '../package-root.js';
import { quietRuntime } from './native.js';
import type { Host, NativeFeed, NativeOutput, NativeSession } from './native-session.js';
import type { Provider } from './provider.js';
import {
  type Answer,
  type Call,
  COMPUTING,
  EXITING,
  received,
  type SentFeed,
  type Unnumbered,
} from './thread-messages.js';

/** The thread has ended without having been told to. Its sessions are gone with it. */
export class ThreadEnded extends EaselError {
  constructor(reason: string) {
    super(`The thread that computes has ended (${reason}). Try again.`);
  }
}

interface Pending {
  resolve(value: never): void;
  reject(error: unknown): void;
}

const ENTRY = compiledFile('runtime/thread-entry.js');

/** False in a bundle that has left the package behind: networks then compute in the thread that calls. */
export const hasThread = (): boolean => existsSync(ENTRY);

/** Bytes of a feed that take milliseconds to copy. */
const LARGE = 2 ** 20;

/**
 * A thread that computes, so that this one can do other things meanwhile. ONNX Runtime computes in it exactly as it would here.
 * It keeps the process alive only while somebody waits for it.
 *
 * Invariant: every call settles, if need be with {@link ThreadEnded}.
 */
export class ComputeThread implements Host, AsyncDisposable {
  readonly #worker: Worker;
  readonly #calls = new Map<number, Pending>();
  #ids = 0;
  #end: ThreadEnded | undefined;
  readonly #state = new Int32Array(new SharedArrayBuffer(8));
  readonly #exited: Promise<unknown>;

  constructor() {
    // The thread cannot change what ONNX Runtime reads of the environment.
    quietRuntime();
    this.#worker = new Worker(ENTRY, {
      name: 'easel',
      workerData: this.#state,
      // Those of the program may be for its own files: a loader, the type of what `-e` evaluates.
      execArgv: [],
    });
    this.#exited = new Promise((resolve) => this.#worker.once('exit', resolve));
    process.once('exit', this.#onExit);
    this.#worker.on('message', (answer: Answer) => this.#receive(answer));
    this.#worker.once('error', ({ message }) => this.#ends(message));
    this.#worker.once('exit', (code) => this.#ends(`exit code ${code}`));
    // Only now: a listener makes it count again.
    this.#worker.unref();
  }

  get ended(): boolean {
    return this.#end !== undefined;
  }

  async create(model: string | Uint8Array, options: InferenceSession.SessionOptions): Promise<NativeSession> {
    const session = this.#ids++;
    const { inputs, outputs } = await this.#call<Described>({ do: 'create', session, model, options });
    // The last ones that the thread keeps.
    const kept = new Map<string, NativeFeed['data']>();
    return {
      inputs,
      outputs,
      run: async (feeds, outputs) => {
        const sent: Record<string, SentFeed> = {};
        const copies: ArrayBuffer[] = [];
        for (const [name, feed] of Object.entries(feeds)) {
          if (feed.kept && kept.get(name) === feed.data) {
            sent[name] = 'kept';
            continue;
          }
          if (feed.data.byteLength > LARGE) await turn();
          // What is handed over is a copy: the caller may read on, and run it again.
          const data = feed.data.slice();
          sent[name] = { ...feed, data };
          copies.push(data.buffer);
          if (feed.kept) kept.set(name, feed.data);
        }
        return this.#call<Record<string, NativeOutput>>({ do: 'run', session, feeds: sent, outputs }, copies);
      },
      release: async () => {
        // What a thread held is gone with it.
        if (!this.ended) await this.#call({ do: 'release', session });
      },
    };
  }

  async update(updates: readonly Update[]): Promise<StoredTensor[]> {
    return this.#call<StoredTensor[]>({ do: 'update', updates });
  }

  /** Ends the thread, when what it computes is done: that cannot be stopped. */
  async close(): Promise<void> {
    this.#worker.ref();
    this.#worker.postMessage('end');
    await this.#exited;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #call<T>(call: Unnumbered<Call>, transfer: ArrayBuffer[] = []): Promise<T> {
    if (this.#end) throw this.#end;
    const id = this.#ids++;
    return new Promise<T>((resolve, reject) => {
      this.#calls.set(id, { resolve, reject });
      this.#worker.ref();
      this.#worker.postMessage({ ...call, id }, transfer);
    });
  }

  #receive({ id, ...answer }: Answer): void {
    const call = this.#calls.get(id)!;
    this.#calls.delete(id);
    if (this.#calls.size === 0) this.#worker.unref();
    if ('error' in answer) call.reject(received(answer.error));
    else call.resolve(answer.value as never);
  }

  /** Lets the thread come out of ONNX Runtime, which takes as long as a step. */
  readonly #onExit = () => {
    Atomics.store(this.#state, EXITING, 1);
    Atomics.wait(this.#state, COMPUTING, 1);
  };

  #ends(reason: string): void {
    process.off('exit', this.#onExit);
    this.#end ??= new ThreadEnded(reason);
    for (const { reject } of this.#calls.values()) reject(this.#end);
    this.#calls.clear();
  }
}

type Described = Pick<NativeSession, 'inputs' | 'outputs'>;

/** One for each device: what shares a device takes turns anyway. */
const threads = new Map<Provider, { thread: ComputeThread; users: number }>();

/** A device's thread, as long as somebody uses it. */
export interface LentThread {
  /** After the thread has ended by itself, sessions are created in another. */
  readonly host: Host;
  /** Whoever is the last to give it back ends it. */
  giveBack(): Promise<void>;
}

export function lendThread(provider: Provider): LentThread {
  const lent = threads.get(provider) ?? { thread: new ComputeThread(), users: 0 };
  const living = () => {
    if (lent.thread.ended) lent.thread = new ComputeThread();
    return lent.thread;
  };
  threads.set(provider, lent);
  lent.users++;
  return {
    host: {
      create: (model, options) => living().create(model, options),
      update: (updates) => living().update(updates),
    },
    giveBack: async () => {
      if (--lent.users > 0) return;
      threads.delete(provider);
      await lent.thread.close();
    },
  };
}
