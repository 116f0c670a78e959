import type { ReadParameters } from '../../engine/image/metadata/parameters.js';
import type { Meaning } from '../../engine/meaning.js';
import type { PaintedPicture, PaintRequest } from '../job.js';
import type { Told } from '../told.js';

/** How the painter process is started; plain data, because it travels as an argument. */
export interface PainterOptions {
  /** Path of the one model that it opens. */
  readonly model: string;
  readonly device: string;
  readonly threads?: number;
  readonly safetyChecker: boolean;
}

/** To a child. `id` numbers the calls; each gets exactly one `done` or `failed`, unless the child dies. */
export type ToChild =
  | { type: 'paint'; id: number; request: PaintRequest; locale: string; source?: Uint8Array; mask?: Uint8Array }
  | { type: 'inspect'; id: number; bytes: Uint8Array }
  | { type: 'size'; id: number; bytes: Uint8Array }
  | { type: 'expression'; id: number; bytes: Uint8Array; side: number }
  | { type: 'abort'; id: number };

/** What the author may see of an error, and the rest for the log. */
export interface Failure {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  /** Something about the request: it may be shown. */
  readonly forAuthor: boolean;
  readonly meaning?: Meaning;
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
  readonly notices: readonly Told[];
}

export type FromChild =
  | ({ type: 'progress'; id: number } & PaintProgress)
  /** `memory` is the process's resident bytes. */
  | { type: 'done'; id: number; value: Painted | ReadParameters | PictureSize | Uint8Array | null; memory: number }
  | { type: 'failed'; id: number; failure: Failure; memory: number }
  | { type: 'aborted'; id: number; memory: number };

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}
