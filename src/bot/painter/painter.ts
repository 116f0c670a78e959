import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Config } from '../../config.js';
import type { ReadParameters } from '../../engine/image/metadata/parameters.js';
import type { Composed } from '../layout/compose.js';
import { modelPath } from '../models/model-path.js';
import type { PaintRequest } from '../request/paint-request.js';
import type { Notice } from '../text/notice.js';
import { Child } from './child-process.js';
import { Inspectors } from './inspectors.js';
import type { OpenedModel, Painted, PainterOptions, PaintProgress, PictureSize, SourcePictures } from './messages.js';
import { sourceArea } from './paint.js';

export { PainterDied } from './child-process.js';

type PainterConfig = Pick<Config, 'modelsDir' | 'device' | 'threads' | 'safetyChecker' | 'painterMemory'> &
  Partial<Pick<Config, 'precision' | 'cache'>>;

export interface PaintCall {
  /** Language of a table's labels in previews. */
  locale?: string;
  /** The bytes behind the request's `source` and `mask`. */
  source?: Uint8Array;
  mask?: Uint8Array;
  signal?: AbortSignal;
  /** The model is open: painting begins. */
  onBegun?: () => void;
  onProgress?: (progress: PaintProgress) => void;
}

export interface PainterTimes {
  /** Milliseconds without a step after which the painter counts as hung: the longest step of the slowest machine. */
  silence: number;
  /** Milliseconds before a painter that died is started again; doubled each time it dies without having painted. */
  backOff: number;
}

const TIMES: PainterTimes = { silence: 15 * 60_000, backOff: 1000 };
const LONGEST_BACK_OFF = 60_000;
/** Milliseconds for what a picture's file says of itself, which takes few of them. */
const READING = 3000;
/** Milliseconds for a picture's pixels: the largest take two to five seconds of a core. */
const DECODING = 10_000;

/**
 * Owns the painter process, which holds one model, and the inspectors, which open what strangers upload: the painter gets
 * pixels. All start when first needed and again after they died. A painter is replaced when another model is asked for or
 * when it has grown beyond the limit: native sessions leak (onnxruntime issue 25325).
 *
 * Invariant: one job is in the painter at a time; whoever calls `paint` sees to it.
 */
export class Painter {
  #child: { process: Child; model: string } | null = null;
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
  ) {
    this.#times = { ...TIMES, ...times };
    // Apart, so that a picture that is slow to decode keeps no other from being read, nor the painter waiting.
    this.#readers = new Inspectors(2, log);
    this.#decoders = new Inspectors(2, log);
    this.#sources = new Inspectors(1, log);
  }

  /**
   * @throws RequestError for its author; PainterDied; the signal's reason; Error for the operator: a broken model, a full
   * disk, a device that is not there, our own defects.
   */
  async paint(
    request: PaintRequest,
    { locale = 'en-US', source, mask, signal, onBegun, onProgress }: PaintCall = {},
  ): Promise<Painted> {
    const child = await this.#childFor(request.model, signal);
    const { silence } = this.#times;
    try {
      const { sizeStep } = await child.call<OpenedModel>({ type: 'open' }, { signal, silence });
      onBegun?.();
      const start = source && (await this.#decoded(request, sizeStep, source, mask, signal));
      const painted = await child.call<Painted>(
        { type: 'paint', request, locale, source: start },
        { signal, onProgress, silence },
      );
      this.#deaths = 0;
      return start && start.frames > 1 ? { ...painted, notices: [firstOf(start.frames), ...painted.notices] } : painted;
    } finally {
      if (!child.alive) this.#died();
      else if (child.memory > this.config.painterMemory) await this.#outgrown(child);
    }
  }

  /**
   * What an untrusted picture says of its making.
   *
   * @param owner whose it is: one picture of theirs is opened at a time.
   * @throws RequestError if it is no picture, too large, or takes too much to open, or if its owner has too many here.
   */
  inspect(bytes: Uint8Array, owner: string): Promise<ReadParameters | null> {
    return this.#readers.run({ type: 'inspect', bytes }, { owner, time: READING });
  }

  /** Sides of an untrusted picture, pixels, upright. @throws as inspect. */
  size(bytes: Uint8Array, owner: string): Promise<PictureSize> {
    return this.#readers.run({ type: 'size', bytes }, { owner, time: READING });
  }

  /** An untrusted picture as an emoji or sticker: a square PNG. @param side pixels. @throws as inspect. */
  expression(bytes: Uint8Array, side: number, owner: string): Promise<Uint8Array> {
    return this.#decoders.run({ type: 'expression', bytes, side }, { owner, time: DECODING });
  }

  /** Picture `index` (from 0) of the `count` in a result's file, which Discord had. @throws as inspect. */
  cutOut(bytes: Uint8Array, request: Composed, index: number, count: number, owner: string): Promise<Uint8Array> {
    return this.#decoders.run({ type: 'cutOut', bytes, request, index, count }, { owner, time: DECODING });
  }

  /** Makes it ready to read pictures at once: Discord waits three seconds for an answer. */
  ready(): void {
    this.#readers.keepSpare();
  }

  /** Times that a painter was replaced: it died, or had grown too large. */
  get restarts(): number {
    return this.#restarts;
  }

  /** Times that it died since it last painted something. */
  get deaths(): number {
    return this.#deaths;
  }

  /** Of the painter process; undefined while there is none. */
  get pid(): number | undefined {
    return this.#child?.process.pid;
  }

  /** Ends all processes; a job in them fails with PainterDied. */
  async close(): Promise<void> {
    const inspectors = [this.#readers, this.#decoders, this.#sources];
    await Promise.all([this.#child?.process.close(), ...inspectors.map((each) => each.close())]);
    this.#child = null;
  }

  /** The pictures that a job starts from, opened elsewhere: what stops or kills that costs the painter nothing. */
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

  async #childFor(model: string, signal?: AbortSignal): Promise<Child> {
    const current = this.#child;
    if (current?.process.alive && current.model === model) return current.process;
    if (current) {
      this.#child = null;
      if (current.process.alive) await current.process.close();
      else this.#died();
    }
    const wait = this.#notBefore - Date.now();
    if (wait > 0) await sleep(wait, undefined, { signal });
    const { modelsDir, device, precision, threads, cache, safetyChecker } = this.config;
    const path = modelPath(modelsDir, model);
    const options: PainterOptions = { model: path, device, precision, threads, cache, safetyChecker };
    const process = new Child('child.js', options, this.log);
    this.#child = { process, model };
    this.log.info({ model, child: process.pid }, 'painter started');
    return process;
  }

  #died(): void {
    this.#child = null;
    this.#restarts++;
    const wait = Math.min(this.#times.backOff * 2 ** this.#deaths++, LONGEST_BACK_OFF);
    this.#notBefore = Date.now() + wait;
    this.log.error({ deaths: this.#deaths, wait }, 'the painter died; it is started again for the next picture');
  }

  async #outgrown(child: Child): Promise<void> {
    this.#child = null;
    this.#restarts++;
    this.log.warn(
      { memory: child.memory, limit: this.config.painterMemory },
      'the painter uses too much memory; restarting it',
    );
    await child.close();
  }
}

/** A file that moves, or has pages, is taken for its first picture. */
function firstOf(frames: number): Notice {
  return {
    text: `The file has ${frames} pictures in it; only the first was used.`,
    meaning: { code: 'firstFrame', values: { frames } },
  };
}
