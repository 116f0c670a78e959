import { setImmediate as turn } from 'node:timers/promises';
import { abortable } from '../abortable.js';
import { listenedTo } from '../callbacks.js';
import { openUpscaler } from '../checkpoint/upscaler.js';
import { EaselError, RequestError } from '../errors.js';
import type { GraphForm } from '../graph/form.js';
import { buildUpscaler } from '../graph/upscaler.js';
import { loadPicture } from '../image/load.js';
import type { Pixels } from '../image/pixels.js';
import { cut } from '../image/region.js';
import { resizeTile, rolled } from '../image/resize-tile.js';
import { checkPicture, isFile, type PictureSource } from '../image/source.js';
import type { Tensor } from '../networks.js';
import { RUNTIME } from '../open-options.js';
import type { Progress } from '../pipeline/progress.js';
import { freeMemory } from '../runtime/free-memory.js';
import { type Network, openNetwork } from '../runtime/network.js';
import type { RuntimeOptions } from '../runtime/open.js';
import * as is from '../schema.js';
import { path as checkPath, read, type Schema } from '../schema.js';
import { Serial } from '../serial.js';
import { TILES, type Tile, wraps } from '../tile.js';
import type { UpscalerFile } from './architecture.js';
import { withDenoise } from './denoise.js';
import { CUTTING, type Cutting, type Enlarger, enlarge, tilesOf } from './enlarge.js';
import { cuttingFor, heldBytes } from './need.js';

export interface OpenUpscalerOptions
  extends Pick<RuntimeOptions, 'device' | 'threads' | 'cache' | 'worker' | 'freeMemory'> {
  /**
   * How much noise is removed, 0..1, by `realesr-general-x4v3` where `realesr-general-wdn-x4v3`, which removes none, lies
   * beside it: Real-ESRGAN's denoise strength. 1 by default.
   */
  denoise?: number | undefined;
}

export interface EnlargeOptions {
  /** How much longer both sides become, 1..8; the upscaler's own {@link Upscaler.scale} by default. */
  factor?: number | undefined;
  /** Edges of a seamless tile: beyond them the network sees the opposite ones. */
  tile?: Tile | undefined;
  /** Ends the call at once; the tile that is being computed is finished unheard. What is thrown is its reason. */
  signal?: AbortSignal | undefined;
  /** May be async: a promise that rejects ends the call with its error. */
  onProgress?: ((progress: EnlargeProgress) => unknown) | undefined;
}

const OPENING: Schema<OpenUpscalerOptions> = { of: 'Upscaler.open', fields: { ...RUNTIME, denoise: is.number(0, 1) } };

const ENLARGING: Schema<EnlargeOptions> = {
  of: 'enlarge',
  fields: { factor: is.number(1, 8), tile: is.choice(...TILES), signal: is.signal, onProgress: is.callback },
};

/** What is known after a tile, each of which is a step. */
export interface EnlargeProgress extends Omit<Progress, 'previews' | 'secondsLeft' | 'secondsPerStep'> {
  readonly phase: 'enlarge';
  readonly secondsLeft: number;
  readonly secondsPerStep: number;
}

/** A picture has at most so many pixels when it is enlarged: as many as can be opened again. */
const MAX_PIXELS = 100e6;
/** Pixels beyond the edges of a seamless tile: more than a tile's margin. */
const BEYOND = 16;
/** Runs of the network one after another, as AUTOMATIC1111 has them (modules/upscaler.py). */
const MAX_RUNS = 3;

/**
 * A network that enlarges pictures: ESRGAN, Real-ESRGAN (RRDBNet) and compact ones (SRVGGNetCompact). Calls run one after
 * another; `release` when done.
 *
 * @example
 * await using upscaler = await Upscaler.open('models/upscalers/RealESRGAN_x4plus.pth');
 * const large = await upscaler.enlarge(await loadPicture('photo.jpg'), { factor: 2 });
 */
export class Upscaler implements AsyncDisposable {
  readonly #network: Network;
  readonly #enlarger: Enlarger;
  readonly #calls = new Serial();
  /** Bytes that a run may take; undefined where that is not known, as on GPUs. */
  readonly #free: (() => number) | undefined;
  #ran = false;
  #released?: Promise<void>;

  private constructor(
    readonly file: UpscalerFile,
    network: Network,
    free: () => number,
  ) {
    this.#network = network;
    this.#free = network.device === 'cpu' ? free : undefined;
    const { scale, unshuffle } = file.config;
    const run = async (picture: Tensor) => Object.values(await network.run({ picture }))[0]!;
    this.#enlarger = { scale, unit: unshuffle, run };
  }

  /**
   * Opens a `.pth` or a `.safetensors`. Weights are mapped when first used.
   *
   * @throws CheckpointError if it cannot be read or is no such upscaler; EaselError if the device cannot be used.
   */
  static async open(path: string, given: OpenUpscalerOptions = {}): Promise<Upscaler> {
    checkPath('path', path);
    const { freeMemory: free = freeMemory, denoise, ...options } = read(OPENING, given);
    const file = await withDenoise(await openUpscaler(path), denoise);
    const build = (form: GraphForm) => buildUpscaler(file.config, file.weights, form);
    const network = await openNetwork(build, { ...options, name: `${file.path}: the upscaler` });
    return new Upscaler(file, network, free);
  }

  /** Of its file, without the extension. */
  get name(): string {
    return this.file.name;
  }

  /** How much longer both sides of a picture become by one run: 1, 2, 4 ... */
  get scale(): number {
    return this.file.config.scale;
  }

  /**
   * Enlarges a picture, tile by tile: memory does not grow with it. A factor that is not the network's own is reached by
   * further runs and Lanczos.
   *
   * @throws RequestError for a picture that is none, or too large; the signal's reason when it aborts; EaselError after
   *   `release`.
   */
  async enlarge(picture: PictureSource, options: EnlargeOptions = {}): Promise<Pixels> {
    checkPicture('picture', picture);
    return listenedTo(read(ENLARGING, options), (own) => this.#enlarge(picture, own));
  }

  async #enlarge(
    source: PictureSource,
    { factor = this.scale, tile, signal, onProgress }: EnlargeOptions,
  ): Promise<Pixels> {
    const picture = isFile(source) ? await loadPicture(source, { signal }) : source;
    if (this.#released) throw new EaselError(`${this.file.path} was released: open it again.`);
    const width = Math.max(1, Math.round(picture.width * factor));
    const height = Math.max(1, Math.round(picture.height * factor));
    const { across, down } = wraps(tile);
    const [x, y] = [across ? BEYOND : 0, down ? BEYOND : 0];
    const start = rolled(picture, x, y);
    if (width * height > MAX_PIXELS) throw tooLarge(picture, width, height);
    const runs = this.#runs(start, factor);
    const enlarging = this.#calls.run(async () => {
      const cutting = this.#cutting();
      const total = runs.reduce((sum, each) => sum + tilesOf(each.width, each.height, this.#enlarger, cutting), 0);
      const began = performance.now();
      let step = 0;
      const onTile = async () => {
        // The runtime may compute on this thread: whoever wants to end it must be heard.
        await turn();
        signal?.throwIfAborted();
        if (step > 0) onProgress?.(progressOf(began, step, total));
        step++;
      };
      let large = start;
      for (const _ of runs) {
        const enlarged = await enlarge(this.#enlarger, large, onTile, cutting);
        if (!enlarged) throw noPicture(this.file);
        large = enlarged;
        this.#ran = true;
      }
      onProgress?.(progressOf(began, total, total));
      const times = large.width / start.width;
      const [wide, high] = [picture.width * times, picture.height * times];
      const within = cut(large, { left: x * times, top: y * times, width: wide, height: high });
      return resizeTile(within, width, height, tile);
    }, signal);
    return abortable(enlarging, signal);
  }

  /** Waits for earlier calls, then releases the network, for good. */
  release(): Promise<void> {
    this.#released ??= this.#calls.run(() => this.#network.release());
    return this.#released;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }

  /** @throws RequestError if there is not enough memory for the smallest tiles. */
  #cutting(): Cutting {
    if (!this.#free) return CUTTING;
    const { config, weights } = this.file;
    const found = cuttingFor(config, this.#free() - (this.#ran ? 0 : heldBytes(weights)));
    if (found) return found;
    throw new RequestError(
      `There is not enough memory for ${this.name}. Close other programs, or use a smaller upscaler.`,
      {
        meaning: { code: 'upscalerMemory', values: { upscaler: this.name } },
      },
    );
  }

  /** The picture before each run. @throws RequestError if one of them were too large. */
  #runs(picture: Size, factor: number): Size[] {
    const runs: Size[] = [];
    let times = 1;
    do {
      runs.push({ width: picture.width * times, height: picture.height * times });
      times *= this.scale;
      const [width, height] = [picture.width * times, picture.height * times];
      if (width * height > MAX_PIXELS) throw tooLarge(picture, width, height);
    } while (this.scale > 1 && runs.length < MAX_RUNS && times < factor);
    return runs;
  }
}

type Size = Pick<Pixels, 'width' | 'height'>;

function tooLarge(picture: Size, width: number, height: number): RequestError {
  const limit = MAX_PIXELS / 1e6;
  return new RequestError(
    `${picture.width}x${picture.height} is too large to enlarge: it would become ${width}x${height}, and ${limit} million pixels are allowed. Make it smaller first.`,
    { meaning: { code: 'tooManyPixels', values: { width, height, limit } } },
  );
}

function noPicture({ path }: UpscalerFile): EaselError {
  return new EaselError(`${path}: the upscaler's numbers are no picture. Is the file whole? Download it again.`);
}

/** @param began by performance.now(). */
function progressOf(began: number, step: number, total: number): EnlargeProgress {
  const secondsPerStep = (performance.now() - began) / 1000 / step;
  return { phase: 'enlarge', step, total, secondsPerStep, secondsLeft: secondsPerStep * (total - step) };
}
