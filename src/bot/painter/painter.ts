import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Config } from '../../config.js';
import type { ReadParameters } from '../../engine/image/metadata/parameters.js';
import type { PaintRequest } from '../job.js';
import { modelPath } from '../model-path.js';
import { Child } from './child-process.js';
import type { Painted, PainterOptions, PaintProgress, PictureSize } from './messages.js';

export { PainterDied } from './child-process.js';

type PainterConfig = Pick<Config, 'modelsDir' | 'device' | 'threads' | 'safetyChecker' | 'painterMemory'>;

export interface PaintCall {
  /** Language of a table's labels in previews. */
  locale?: string;
  /** The bytes behind the request's `source` and `mask`. */
  source?: Uint8Array;
  mask?: Uint8Array;
  signal?: AbortSignal;
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
/** Parsing the metadata of ten megabytes takes milliseconds. */
const INSPECT_SILENCE = 10_000;

/**
 * Owns the painter process, which holds one model, and the inspector process, which reads what strangers upload. Both
 * start when first needed and again after they died. A painter is replaced when another model is asked for or when it has
 * grown beyond the limit: native sessions leak (onnxruntime issue 25325).
 *
 * Invariant: one job is in the painter at a time; whoever calls `paint` sees to it.
 */
export class Painter {
  #child: { process: Child; model: string } | null = null;
  #inspector: Child | null = null;
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
  }

  /**
   * @throws EaselError about the request (for its author); PainterDied; the signal's reason; Error for our own defects
   * and broken models.
   */
  async paint(
    request: PaintRequest,
    { locale = 'en-US', source, mask, signal, onProgress }: PaintCall = {},
  ): Promise<Painted> {
    const child = await this.#childFor(request.model, signal);
    try {
      const painted = await child.call<Painted>(
        { type: 'paint', request, locale, source, mask },
        { signal, onProgress, silence: this.#times.silence },
      );
      this.#deaths = 0;
      return painted;
    } finally {
      if (!child.alive) this.#died();
      else if (child.memory > this.config.painterMemory) await this.#outgrown(child);
    }
  }

  /** What an untrusted picture says of its making. @throws EaselError if it is no picture, or too large. */
  inspect(bytes: Uint8Array): Promise<ReadParameters | null> {
    return this.#inspecting().call({ type: 'inspect', bytes }, { silence: INSPECT_SILENCE });
  }

  /** Sides of an untrusted picture, pixels, upright. @throws as inspect. */
  size(bytes: Uint8Array): Promise<PictureSize> {
    return this.#inspecting().call({ type: 'size', bytes }, { silence: INSPECT_SILENCE });
  }

  /** An untrusted picture as an emoji or sticker: a square PNG. @param side pixels. @throws as inspect. */
  expression(bytes: Uint8Array, side: number): Promise<Uint8Array> {
    return this.#inspecting().call({ type: 'expression', bytes, side }, { silence: INSPECT_SILENCE });
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

  /** Ends both processes; a job in them fails with PainterDied. */
  async close(): Promise<void> {
    await Promise.all([this.#child?.process.close(), this.#inspector?.close()]);
    this.#child = this.#inspector = null;
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
    const { modelsDir, device, threads, safetyChecker } = this.config;
    const options: PainterOptions = { model: modelPath(modelsDir, model), device, threads, safetyChecker };
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
      'the painter has grown too large; restarting it',
    );
    await child.close();
  }

  #inspecting(): Child {
    if (!this.#inspector?.alive) this.#inspector = new Child('inspector.js', {}, this.log);
    return this.#inspector;
  }
}
