import type { Logger } from 'pino';
import type { Preprocessor } from '../../engine/image/control/preprocess.js';
import type { EncodedPicture } from '../../engine/image/fit-under.js';
import type { ReadParameters } from '../../engine/image/metadata/parameters.js';
import type { Pixels } from '../../engine/image/pixels.js';
import type { Composed } from '../layout/compose.js';
import { InspectorPool } from './inspector-pool.js';
import type { Copies, Fit, MaskReading, PictureSize, Resizing, SourcePictures } from './messages.js';

/** Milliseconds for reading a picture's metadata, which normally takes a few. */
const READING = 3000;
/** Milliseconds for decoding a picture: the largest take two to five seconds of a core. */
const DECODING = 10_000;

/**
 * Opens strangers' pictures in processes of their own on the bot's machine, whatever paints and wherever: painters only
 * get pixels.
 */
export class Inspectors {
  readonly #readers: InspectorPool;
  readonly #decoders: InspectorPool;
  readonly #sources: InspectorPool;

  constructor(log: Logger) {
    // Separate, so that a picture that is slow to decode delays neither the reading of others nor the painters.
    this.#readers = new InspectorPool(2, log);
    this.#decoders = new InspectorPool(2, log);
    this.#sources = new InspectorPool(1, log);
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

  /**
   * The picture that a job starts from, and its mask, as the painter takes them.
   *
   * @param owner as many jobs as painters may have one here, so each is its own owner.
   * @throws as inspect; the signal's reason.
   */
  source(
    bytes: Uint8Array,
    mask: Uint8Array | undefined,
    fit: Fit,
    { owner, signal }: { owner: string; signal?: AbortSignal },
  ): Promise<SourcePictures> {
    return this.#sources.run({ type: 'source', bytes, mask, fit }, { owner, time: DECODING, signal });
  }

  /** A picture that is blended with another: cut to its size. @throws as source. */
  covering(
    bytes: Uint8Array,
    { width, height }: PictureSize,
    options: { owner: string; signal?: AbortSignal },
  ): Promise<Pixels> {
    return this.control(bytes, { width, height }, 'none', options);
  }

  /** A picture to look at, cut to a size. @throws as inspect. */
  look(bytes: Uint8Array, { width, height }: PictureSize, owner: string): Promise<Pixels> {
    const asked = { type: 'control', bytes, width, height, preprocessor: 'none' } as const;
    return this.#decoders.run(asked, { owner, time: DECODING });
  }

  /** Copies of a seamless tile beside each other, as a file of at most `limit` bytes. @throws as inspect. */
  repeated(bytes: Uint8Array, copies: Copies, limit: number, owner: string): Promise<EncodedPicture> {
    return this.#decoders.run({ type: 'repeat', bytes, copies, limit }, { owner, time: DECODING });
  }

  /** A picture that steers a job, as its ControlNet takes it. @param size of what is painted. @throws as source. */
  control(
    bytes: Uint8Array,
    { width, height }: PictureSize,
    preprocessor: Preprocessor,
    { owner, signal }: { owner: string; signal?: AbortSignal },
  ): Promise<Pixels> {
    const asked = { type: 'control', bytes, width, height, preprocessor } as const;
    return this.#sources.run(asked, { owner, time: DECODING, signal });
  }

  /** An untrusted picture as a PNG of a size. @throws as inspect. */
  resized(bytes: Uint8Array, { width, height }: PictureSize, how: Resizing, owner: string): Promise<Uint8Array> {
    return this.#decoders.run({ type: 'resized', bytes, width, height, how }, { owner, time: DECODING });
  }

  /**
   * An untrusted mask as a PNG of its picture's size, white where it is repainted.
   *
   * @returns null if there is no such place. @throws as inspect.
   */
  mask(
    bytes: Uint8Array,
    { width, height }: PictureSize,
    reading: MaskReading,
    owner: string,
  ): Promise<Uint8Array | null> {
    return this.#decoders.run({ type: 'mask', bytes, width, height, reading }, { owner, time: DECODING });
  }

  /** Starts a process ahead, because Discord only waits three seconds for an answer. */
  ready(): void {
    this.#readers.keepSpare();
  }

  /** Ends all processes for good. */
  async close(): Promise<void> {
    await Promise.all([this.#readers, this.#decoders, this.#sources].map((pool) => pool.close()));
  }
}
