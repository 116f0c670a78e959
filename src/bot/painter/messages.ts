import type { ErrorCode } from '../../engine/errors.js';
import type { Preprocessor } from '../../engine/image/control/preprocess.js';
import type { EncodedPicture } from '../../engine/image/fit-under.js';
import type { ReadParameters } from '../../engine/image/metadata/parameters.js';
import type { Pixels } from '../../engine/image/pixels.js';
import type { Meaning } from '../../engine/meaning.js';
import type { ModelCard } from '../../engine/model.js';
import type { Precision } from '../../engine/runtime/precision.js';
import type { Composed } from '../layout/compose.js';
import type { PaintedPicture } from '../request/job.js';
import type { PaintRequest } from '../request/paint-request.js';
import type { Notice } from '../text/notice.js';

/** Options of the painter process; plain data, because they are passed as an argument. */
export interface PainterOptions {
  /** Path of its model. */
  readonly model: string;
  readonly device: string;
  readonly precision?: Precision;
  readonly threads?: number;
  readonly cache?: string;
  readonly safetyChecker: boolean;
  readonly batch?: number | 'auto';
  /** Path of a TAESD, which makes better previews. */
  readonly previewVae?: string | undefined;
}

/** Options of an inspector. */
export interface InspectorOptions {
  /** Most bytes of memory. */
  readonly memory: number;
}

/** To a child. `id` numbers the calls; each gets exactly one `done` or `failed`, unless the child dies. */
export type ToChild =
  | { type: 'open'; id: number }
  /** Opens the model's networks as well, as long as there is nothing else to do. */
  | { type: 'prepare'; id: number }
  | {
      type: 'paint';
      id: number;
      request: PaintRequest;
      locale: string;
      source?: SourcePictures;
      others?: readonly Pixels[];
      control?: ControlPicture;
      /** Path of the upscaler. */
      upscaler?: string;
    }
  | { type: 'inspect'; id: number; bytes: Uint8Array }
  | { type: 'size'; id: number; bytes: Uint8Array }
  | { type: 'expression'; id: number; bytes: Uint8Array; side: number }
  | { type: 'source'; id: number; bytes: Uint8Array; mask?: Uint8Array; fit: Fit }
  | { type: 'resized'; id: number; bytes: Uint8Array; width: number; height: number; how: Resizing }
  | { type: 'mask'; id: number; bytes: Uint8Array; width: number; height: number; reading: MaskReading }
  | { type: 'control'; id: number; bytes: Uint8Array; width: number; height: number; preprocessor: Preprocessor }
  | { type: 'repeat'; id: number; bytes: Uint8Array; copies: Copies; limit: number }
  | { type: 'cutOut'; id: number; bytes: Uint8Array; request: Composed; index: number; count: number }
  | { type: 'describe'; id: number; picture: Pixels; card: Pick<ModelCard, 'knows' | 'modifiers'> }
  | { type: 'abort'; id: number };

/** The results of calls. */
export type Answer =
  | Painted
  | OpenedModel
  | ReadParameters
  | PictureSize
  | SourcePictures
  | EncodedPicture
  | readonly string[]
  | Pixels
  | Uint8Array
  | null;

/** An error on its way to the parent: for the author, or for the log. */
export interface Failure {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  /** An EaselError's code, from which the log's remedy follows. */
  readonly code?: ErrorCode;
  /** The meaning of a RequestError, for the author; false for all others, which only the operator sees. */
  readonly forAuthor: Meaning | false;
}

export interface PaintProgress {
  readonly step: number;
  readonly total: number;
  /** Seconds, estimated. */
  readonly secondsLeft: number;
  /** A small PNG; null when none was due. */
  readonly preview: Uint8Array | null;
}

export interface Painted {
  readonly pictures: readonly PaintedPicture[];
  readonly notices: readonly Notice[];
  /** The painter that did it, and seconds from the first step by its own clock; absent if the caller knows. */
  readonly by?: string;
  readonly seconds?: number;
  /** CPU seconds, of all cores together. */
  readonly cpu?: number;
}

export type FromChild =
  | ({ type: 'progress'; id: number } & PaintProgress)
  /** `memory` is the process's resident bytes. */
  | { type: 'done'; id: number; value: Answer; memory: number }
  | { type: 'failed'; id: number; failure: Failure; memory: number }
  | { type: 'aborted'; id: number; memory: number };

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

export interface OpenedModel {
  /** Widths and heights are multiples of this many pixels. */
  readonly sizeStep: number;
  /** Pictures that may be painted at the same time. */
  readonly batch: number;
}

/** How often a seamless tile is shown. */
export interface Copies {
  readonly across: number;
  readonly down: number;
}

/** Without keeping its shape, or cut to the shape. */
export type Resizing = 'stretch' | 'cover';

/** What of a mask is repainted, and how it is fitted; its edges are softened by a standard deviation in pixels. */
export interface MaskReading {
  readonly repaint: 'light' | 'dark' | 'transparent';
  readonly how: Resizing;
  readonly blur: number;
}

/** The size that a source picture is fitted to. */
export type Fit =
  /** Sides in multiples of `sizeStep`, about `area` pixels in all. */
  | { readonly sizeStep: number; readonly area: number }
  /** Its own, shrunk if it has more than `most` pixels. With `made`, what it says about its making comes along. */
  | { readonly most: number; readonly made?: true }
  | { readonly exactly: PictureSize };

/** The pictures that come with a job. */
export interface JobPictures {
  readonly source?: SourcePictures;
  /** What is blended with it, in the same size. */
  readonly others?: readonly Pixels[];
  /** What steers it, made into what its ControlNet was trained on, in the size of what is painted. */
  readonly control?: Pixels;
}

/** A picture to start from, decoded and fitted to the model, and the mask in the same size. */
export interface SourcePictures {
  readonly image: Pixels;
  readonly mask?: Pixels;
  /** Pictures in the file; only the first is used. */
  readonly frames: number;
  /** What it says about its making, where that was asked for. */
  readonly made?: ReadParameters | null;
}

/** A picture that steers what is painted, made into what its ControlNet was trained on. */
export interface ControlPicture {
  /** Path of the ControlNet. */
  readonly net: string;
  readonly image: Pixels;
  readonly preprocessor: Preprocessor;
}
