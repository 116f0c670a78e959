import type { Logger } from 'pino';
import type { Config } from '../../config.js';
import { tinyIn } from '../../engine/checkpoint/tiny-autoencoder.js';
import { filesBelow, sumOfBytes } from '../../engine/files-below.js';
import { freeMemory } from '../../engine/runtime/free-memory.js';
import { modelPath } from '../models/model-path.js';
import { Child } from './child-process.js';
import type { PainterOptions } from './messages.js';

export type ProcessConfig = Pick<Config, 'modelsDir' | 'device' | 'threads' | 'safetyChecker'> &
  Partial<Pick<Config, 'precision' | 'cache' | 'batch'>>;

/** A process, and what is in it. */
export interface Running {
  readonly process: Child;
  readonly model: string;
  /** In it now. */
  jobs: number;
  /** Pictures that may be painted at the same time; 1 until it has opened its model. */
  batch: number;
}

/** Files in 16 bits take twice their size in memory; and some for the picture. */
const GROWTH = 2;
const ROOM_TO_PAINT = 0.5e9;
/** Milliseconds: setTimeout's most. Preparing waits for a picture that is being painted, which may take any time. */
const FOREVER = 2 ** 31 - 1;

/**
 * The processes that hold a model: the one that paints, and beside it, if there is memory for both, one for the model that
 * comes next, so that nobody waits when the model changes.
 */
export class Processes {
  #current: Running | null = null;
  #next: Running | null = null;
  /** The last model that was to be prepared. */
  #wanted = '';

  constructor(
    private readonly config: ProcessConfig,
    private readonly log: Logger,
    /** Bytes that are free. */
    private readonly free: () => number = freeMemory,
  ) {}

  /** The one that paints. */
  get current(): Running | null {
    return this.#current;
  }

  /** The process for a model, which paints from now on; the one before ends. */
  async take(model: string): Promise<Running> {
    const before = this.#current;
    if (before?.process.alive && before.model === model) return before;
    this.#current = null;
    const prepared = () => (this.#next?.process.alive && this.#next.model === model ? this.#next : null);
    // Its place is only needed from the next change on, if the next one is there already.
    const gone = before?.process.close();
    if (!prepared()) await gone;
    const next = prepared();
    if (next) this.#next = null;
    this.#current = next ?? this.#start(model);
    return this.#current;
  }

  /** Starts a process that opens this model in the background, unless there is no memory for it beside the one that paints. */
  async prepare(model: string): Promise<void> {
    this.#wanted = model;
    // The first one starts in this turn of the event loop: at the bot's start, loading modules blocks the next for a second.
    if (this.#isThere(model)) return;
    if (this.#current || this.#next) {
      const bytes = await this.#bytesOf(model);
      if (this.#isThere(model) || this.#wanted !== model) return;
      await this.#next?.process.close();
      if (this.#current && this.free() < GROWTH * bytes + ROOM_TO_PAINT) return;
      if (this.#current?.model === model || this.#wanted !== model) return;
    }
    this.#next = this.#start(model);
    // What is wrong with the model is told by the job that needs it.
    this.#next.process.call({ type: 'prepare' }, { silence: FOREVER }).catch(() => {});
  }

  /** The one that paints does so no more: it has ended, or is to end. */
  async drop(): Promise<void> {
    const before = this.#current;
    this.#current = null;
    await before?.process.close();
  }

  async close(): Promise<void> {
    this.#wanted = '';
    const both = [this.#current, this.#next];
    this.#current = null;
    this.#next = null;
    await Promise.all(both.map((held) => held?.process.close()));
  }

  /** Every job that is accepted asks. */
  #isThere(model: string): boolean {
    return [this.#current, this.#next].some((held) => held?.process.alive && held.model === model);
  }

  #start(model: string): Running {
    const { modelsDir, device, precision, threads, cache, safetyChecker, batch } = this.config;
    const path = modelPath(modelsDir, model);
    const previewVae = tinyIn(modelsDir);
    const common = { device, precision, threads, cache, safetyChecker, batch };
    const options: PainterOptions = { model: path, previewVae, ...common };
    const process = new Child('child.js', options, this.log);
    this.log.info({ model, child: process.pid }, 'painter started');
    return { process, model, jobs: 0, batch: 1 };
  }

  async #bytesOf(model: string): Promise<number> {
    return sumOfBytes(await filesBelow(modelPath(this.config.modelsDir, model)).catch(() => []));
  }
}
