import type { ErrorCode } from '../../engine/errors.js';
import type { ReadParameters } from '../../engine/image/metadata/parameters.js';
import type { Pixels } from '../../engine/image/pixels.js';
import type { Meaning } from '../../engine/meaning.js';
import type { Precision } from '../../engine/runtime/precision.js';
import type { Composed } from '../layout/compose.js';
import type { PaintedPicture } from '../request/job.js';
import type { PaintRequest } from '../request/paint-request.js';
import type { Notice } from '../text/notice.js';

/** How the painter process is started; plain data, because it travels as an argument. */
export interface PainterOptions {
  /** Path of the one model that it opens. */
  readonly model: string;
  readonly device: string;
  readonly precision?: Precision;
  readonly threads?: number;
  readonly cache?: string;
  readonly safetyChecker: boolean;
}

/** How an inspector is started. */
export interface InspectorOptions {
  /** Bytes that it may have. */
  readonly memory: number;
}

/** To a child. `id` numbers the calls; each gets exactly one `done` or `failed`, unless the child dies. */
export type ToChild =
  | { type: 'open'; id: number }
  | { type: 'paint'; id: number; request: PaintRequest; locale: string; source?: SourcePictures }
  | { type: 'inspect'; id: number; bytes: Uint8Array }
  | { type: 'size'; id: number; bytes: Uint8Array }
  | { type: 'expression'; id: number; bytes: Uint8Array; side: number }
  | { type: 'source'; id: number; bytes: Uint8Array; mask?: Uint8Array; fit: Fit }
  | { type: 'cutOut'; id: number; bytes: Uint8Array; request: Composed; index: number; count: number }
  | { type: 'abort'; id: number };

/** What a child answers with. */
export type Answer = Painted | OpenedModel | ReadParameters | PictureSize | SourcePictures | Uint8Array | null;

/** An error on its way to the parent: for whoever asked, or for the log. */
export interface Failure {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  /** Of an EaselError: the log's remedy goes by it. */
  readonly code?: ErrorCode;
  /** What a RequestError says to whoever asked; false for all others, which nobody but the operator sees. */
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
  /** Sides of pictures are multiples of so many pixels. */
  readonly sizeStep: number;
}

/** What a source picture is made to fit. */
export interface Fit {
  readonly sizeStep: number;
  /** Pixels, about. */
  readonly area: number;
}

/** A picture to start from, decoded and fitted to the model, and the mask of the same size. */
export interface SourcePictures {
  readonly image: Pixels;
  readonly mask?: Pixels;
  /** Pictures in the file; the first of them is the one. */
  readonly frames: number;
}
