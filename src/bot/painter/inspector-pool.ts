import PQueue from 'p-queue';
import type { Logger } from 'pino';
import { RequestError } from '../../engine/errors.js';
import { Child, PainterDied, type Unnumbered } from './child-process.js';
import type { InspectorOptions, ToChild } from './messages.js';

/** Most bytes of memory per process: a picture of MAX_UPLOAD_PIXELS takes up to 800 MB, as AVIF. */
const MEMORY = 2 ** 30;
/** Milliseconds for a start, on a busy machine. */
const STARTING = 60_000;
/** Most pictures of one member that may wait or be open. */
const MOST_OF_ONE = 4;
/** Milliseconds that an idle process is kept. */
const IDLE = 60_000;
/** Milliseconds before a spare process that ended is replaced. */
const REFILL = 200;

export interface InspectorLimits {
  /** Bytes. */
  readonly memory: number;
  /** Most pictures per owner. */
  readonly mostOfOne: number;
}

export interface InspectOptions {
  /** Whose picture it is. */
  readonly owner: string;
  /** Milliseconds before it is given up; waiting for a place or for a process to start does not count. */
  readonly time: number;
  readonly signal?: AbortSignal;
}

/**
 * Processes that open strangers' pictures, so that none can stop the bot, the painter or another picture. Each
 * opens one picture at a time, and is killed if that takes too long or too much memory, or nobody is waiting for it any
 * more. Each owner has one place at a time, whatever they send, and owners take turns.
 *
 * Invariant: a live process is in #idle or has exactly one call.
 */
export class InspectorPool {
  readonly #places: PQueue;
  /** A queue for each owner who has a picture here. */
  readonly #lines = new Map<string, PQueue>();
  readonly #idle = new Map<Child, NodeJS.Timeout>();
  readonly #all = new Set<Child>();
  readonly #limits: InspectorLimits;
  #spare = false;
  #closed = false;

  /** @param places most processes. */
  constructor(
    places: number,
    private readonly log: Logger,
    limits: Partial<InspectorLimits> = {},
  ) {
    this.#places = new PQueue({ concurrency: places });
    this.#limits = { memory: MEMORY, mostOfOne: MOST_OF_ONE, ...limits };
  }

  /** @throws RequestError about the picture or for lack of a place; the signal's reason; Error for the operator. */
  async run<T>(message: Unnumbered<ToChild>, { owner, time, signal }: InspectOptions): Promise<T> {
    const line = this.#lines.get(owner) ?? new PQueue({ concurrency: 1 });
    if (line.size + line.pending >= this.#limits.mostOfOne) throw busy();
    this.#lines.set(owner, line);
    try {
      return await line.add(() => this.#places.add(() => this.#open<T>(message, time, signal), { signal }), { signal });
    } finally {
      if (line.size + line.pending === 0) this.#lines.delete(owner);
    }
  }

  /**
   * Keeps a process ready for the next picture, if there is a place: starting one takes longer than opening most
   * pictures.
   */
  keepSpare(): void {
    this.#spare = true;
    this.#refill();
  }

  /** Ends all processes for good; their calls, and those that wait, fail with PainterDied. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#idle.values()) clearTimeout(timer);
    for (const child of this.#all) child.kill('was closed');
    await Promise.all([...this.#all].map(({ ended }) => ended));
  }

  async #open<T>(message: Unnumbered<ToChild>, time: number, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    if (this.#closed) throw new PainterDied('The inspectors are closed.');
    const child = this.#take();
    const stop = () => child.kill('was not waited for any more');
    signal?.addEventListener('abort', stop, { once: true });
    try {
      await child.call({ type: 'open' }, { signal, silence: STARTING });
      return await child.call<T>(message, { signal, silence: time });
    } catch (error) {
      if (!(error instanceof PainterDied) || this.#closed) throw error;
      this.log.warn({ err: error, call: message.type }, 'a picture could not be opened within the limits');
      throw tooHard(error);
    } finally {
      signal?.removeEventListener('abort', stop);
      if (child.alive) this.#rest(child);
    }
  }

  #take(): Child {
    for (const [child, timer] of this.#idle) {
      clearTimeout(timer);
      this.#idle.delete(child);
      if (child.alive) return child;
    }
    return this.#start();
  }

  #start(): Child {
    const { memory } = this.#limits;
    const child = new Child('inspector.js', { memory } satisfies InspectorOptions, this.log, { memory });
    this.#all.add(child);
    void child.ended.then(() => {
      this.#all.delete(child);
      clearTimeout(this.#idle.get(child));
      this.#idle.delete(child);
      // Delayed, in case none can start at all.
      setTimeout(() => this.#refill(), REFILL).unref();
    });
    return child;
  }

  #refill(): void {
    if (this.#spare && !this.#closed && this.#all.size === 0) this.#rest(this.#start());
  }

  #rest(child: Child): void {
    const end = () => {
      if (this.#spare && this.#idle.size === 1) return this.#rest(child);
      this.#idle.delete(child);
      void child.close();
    };
    this.#idle.set(child, setTimeout(end, IDLE).unref());
  }
}

function busy(): RequestError {
  return new RequestError('Your other pictures are still being looked at. Try again in a moment.', {
    meaning: { code: 'picturesBusy', values: {} },
  });
}

function tooHard(cause: Error): RequestError {
  return new RequestError(
    'The picture takes too much time or memory to open. Save it anew, as a PNG or JPEG and perhaps smaller.',
    { cause, meaning: { code: 'tooHard', values: {} } },
  );
}
