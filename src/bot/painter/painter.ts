import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Config } from '../../config.js';
import { Company } from '../../engine/company.js';
import type { ReadParameters } from '../../engine/image/metadata/parameters.js';
import { Serial } from '../../engine/serial.js';
import type { Composed } from '../layout/compose.js';
import type { PaintRequest } from '../request/paint-request.js';
import type { Notice } from '../text/notice.js';
import { Inspectors } from './inspectors.js';
import type { OpenedModel, Painted, PaintProgress, PictureSize, SourcePictures } from './messages.js';
import { type ProcessConfig, Processes, type Running } from './processes.js';
import { sourceArea } from './source-area.js';

export { PainterDied } from './child-process.js';

type PainterConfig = ProcessConfig & Pick<Config, 'painterMemory'>;

export interface PaintCall {
  /** Language of the labels in a table's previews. */
  locale?: string;
  /** The bytes behind the request's `source` and `mask`. */
  source?: Uint8Array;
  mask?: Uint8Array;
  signal?: AbortSignal;
  /** Nothing else is painted at the same time. */
  alone?: boolean;
  /** Called when the model is open and painting starts. */
  onBegun?: () => void;
  onProgress?: (progress: PaintProgress) => void;
}

export interface PainterTimes {
  /**
   * Milliseconds without a step after which the painter counts as hung: longer than the slowest machine's longest step.
   */
  silence: number;
  /**
   * Milliseconds before a painter that died is started again; doubled for each death without a painted picture in
   * between.
   */
  backOff: number;
}

const TIMES: PainterTimes = { silence: 15 * 60_000, backOff: 1000 };
const LONGEST_BACK_OFF = 60_000;
/** Milliseconds for reading a picture's metadata, which normally takes a few. */
const READING = 3000;
/** Milliseconds for decoding a picture: the largest take two to five seconds of a core. */
const DECODING = 10_000;

/**
 * Owns the painter process, which holds one model, and the inspectors, which open strangers' uploads so that the
 * painter only gets pixels. All are started when first needed, and again if they die. The painter is replaced when
 * another model is requested, by one that was prepared if there is memory for both, or when its memory has grown beyond
 * the limit: native sessions leak (onnxruntime issue 25325).
 *
 * Invariant: the process has jobs of one model at a time. Its callers see to it that they are no more than its batch.
 */
export class Painter {
  readonly #processes: Processes;
  readonly #company = new Company(Number.POSITIVE_INFINITY);
  readonly #starts = new Serial();
  readonly #readers: Inspectors;
  readonly #decoders: Inspectors;
  readonly #sources: Inspectors;
  #deaths = 0;
  #notBefore = 0;
  #restarts = 0;
  readonly #times: PainterTimes;

  constructor(
    private readonly config: PainterConfig,
    private readonly log: Logger,
    times: Partial<PainterTimes> = {},
    free?: () => number,
  ) {
    this.#processes = new Processes(config, log, free);
    this.#times = { ...TIMES, ...times };
    // Separate, so that a picture that is slow to decode delays neither the reading of others nor the painter.
    this.#readers = new Inspectors(2, log);
    this.#decoders = new Inspectors(2, log);
    this.#sources = new Inspectors(1, log);
  }

  /**
   * @throws RequestError for its author; PainterDied; the signal's reason; Error for the operator: a broken model, a
   * full disk, a missing device, a bug.
   */
  paint(request: PaintRequest, call: PaintCall = {}): Promise<Painted> {
    const { alone, signal } = call;
    return this.#company.run(() => this.#paint(request, call), { kind: alone ? null : request.model, signal });
  }

  async #paint(
    request: PaintRequest,
    { locale = 'en-US', source, mask, signal, onBegun, onProgress }: PaintCall,
  ): Promise<Painted> {
    const running = await this.#starts.run(() => this.#childFor(request.model, signal), signal);
    const child = running.process;
    const { silence } = this.#times;
    running.jobs++;
    try {
      const { sizeStep, batch } = await child.call<OpenedModel>({ type: 'open' }, { signal, silence });
      running.batch = batch;
      onBegun?.();
      const start = source && (await this.#decoded(request, sizeStep, source, mask, signal));
      const painted = await child.call<Painted>(
        { type: 'paint', request, locale, source: start },
        { signal, onProgress, silence },
      );
      this.#deaths = 0;
      return start && start.frames > 1 ? { ...painted, notices: [firstOf(start.frames), ...painted.notices] } : painted;
    } finally {
      running.jobs--;
      if (!child.alive) this.#died(running);
      else if (running.jobs === 0 && this.#isTooLarge(running)) await this.#outgrown(running);
    }
  }

  /**
   * What an untrusted picture's metadata says.
   *
   * @param owner whose it is: one picture per owner is opened at a time.
   * @throws RequestError if it is not a picture, is too large, takes too much to open, or if its owner has too many
   * here.
   */
  inspect(bytes: Uint8Array, owner: string): Promise<ReadParameters | null> {
    return this.#readers.run({ type: 'inspect', bytes }, { owner, time: READING });
  }

  /** Width and height of an untrusted picture in pixels, with its orientation applied. @throws as inspect. */
  size(bytes: Uint8Array, owner: string): Promise<PictureSize> {
    return this.#readers.run({ type: 'size', bytes }, { owner, time: READING });
  }

  /** An untrusted picture as an emoji or sticker: a square PNG. @param side pixels. @throws as inspect. */
  expression(bytes: Uint8Array, side: number, owner: string): Promise<Uint8Array> {
    return this.#decoders.run({ type: 'expression', bytes, side }, { owner, time: DECODING });
  }

  /** Picture `index` (from 0) of the `count` in a result's file, downloaded from Discord. @throws as inspect. */
  cutOut(bytes: Uint8Array, request: Composed, index: number, count: number, owner: string): Promise<Uint8Array> {
    return this.#decoders.run({ type: 'cutOut', bytes, request, index, count }, { owner, time: DECODING });
  }

  /** Starts a process ahead, because Discord only waits three seconds for an answer. */
  ready(): void {
    this.#readers.keepSpare();
  }

  /**
   * Opens a model in the background, beside the one that paints if there is memory for both, so that a job for it starts at
   * once. It delays no job that comes earlier.
   */
  prepare(model: string): void {
    if (Date.now() >= this.#notBefore) void this.#processes.prepare(model);
  }

  /** How often the painter was replaced because it had died or grown too large. */
  get restarts(): number {
    return this.#restarts;
  }

  /** Deaths since the last painted job. */
  get deaths(): number {
    return this.#deaths;
  }

  /** Pictures that may be painted at the same time. 1 before it has opened its model, and when it is to be replaced. */
  get batch(): number {
    const running = this.#processes.current;
    return running?.process.alive && !this.#isTooLarge(running) ? running.batch : 1;
  }

  /** The painter process's id; undefined while there is none. */
  get pid(): number | undefined {
    return this.#processes.current?.process.pid;
  }

  /** Ends all processes; a job in them fails with PainterDied. */
  async close(): Promise<void> {
    const inspectors = [this.#readers, this.#decoders, this.#sources];
    await Promise.all([this.#processes.close(), ...inspectors.map((each) => each.close())]);
  }

  /**
   * The pictures that a job starts from, decoded in another process, so that a hostile file does not harm the painter.
   */
  async #decoded(
    request: PaintRequest,
    sizeStep: number,
    bytes: Uint8Array,
    mask: Uint8Array | undefined,
    signal: AbortSignal | undefined,
  ): Promise<SourcePictures> {
    const fit = { sizeStep, area: sourceArea(request) };
    return this.#sources.run({ type: 'source', bytes, mask, fit }, { owner: 'painter', time: DECODING, signal });
  }

  async #childFor(model: string, signal?: AbortSignal): Promise<Running> {
    const { current } = this.#processes;
    if (current && !current.process.alive) this.#died(current);
    const wait = this.#notBefore - Date.now();
    if (wait > 0) await sleep(wait, undefined, { signal });
    return this.#processes.take(model);
  }

  /** A process dies once, however many jobs were in it. */
  #died(running: Running): void {
    if (this.#processes.current !== running) return;
    void this.#processes.drop();
    this.#restarts++;
    const wait = Math.min(this.#times.backOff * 2 ** this.#deaths++, LONGEST_BACK_OFF);
    this.#notBefore = Date.now() + wait;
    this.log.error({ deaths: this.#deaths, wait }, 'the painter died; it is started again for the next picture');
  }

  #isTooLarge({ process }: Running): boolean {
    return process.memory > this.config.painterMemory;
  }

  async #outgrown({ process }: Running): Promise<void> {
    this.#restarts++;
    this.log.warn(
      { memory: process.memory, limit: this.config.painterMemory },
      'the painter uses too much memory; restarting it',
    );
    await this.#processes.drop();
  }
}

/** Of an animation, or a file with pages, only the first picture is used. */
function firstOf(frames: number): Notice {
  return {
    text: `The file has ${frames} pictures in it; only the first was used.`,
    meaning: { code: 'firstFrame', values: { frames } },
  };
}
