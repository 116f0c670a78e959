import type { PaintRequest } from '../request/paint-request.js';
import type { JobPictures, Painted, PaintProgress } from './messages.js';

export { PainterDied } from './child-process.js';

/**
 * The painter is gone, or gives the job back: it was stopped, or cannot be reached. The job is not to blame, so this uses
 * none of its attempts, and it is the next to be painted elsewhere.
 */
export class PainterAway extends Error {
  override name = 'PainterAway';
}

/** Which job it is, and how often painters have died on it. */
export interface Attempt {
  readonly id: string;
  readonly attempts: number;
}

/** One job for a painter, besides its request. */
export interface PaintCall {
  job?: Attempt;
  /** Language of the labels in a table's previews. */
  locale?: string;
  /**
   * The pictures that the request starts from, decoded by the bot. Called when the model is open, at most once.
   *
   * @param sizeStep widths and heights are multiples of this many pixels.
   */
  pictures?: (sizeStep: number) => Promise<JobPictures>;
  signal?: AbortSignal;
  /** Nothing else is painted at the same time. */
  alone?: boolean;
  /** Called when the model is open and painting starts. */
  onBegun?: () => void;
  onProgress?: (progress: PaintProgress) => void;
}

/** What has one job at a time, or as many as suit each other and have no more pictures than its batch. */
export interface JobPainter {
  /** For people, metrics and what is learnt of its speed; the same after a restart: "painter 1", "attic cuda:0". */
  readonly name: string;
  /** The machine that it is on. */
  readonly host: string;
  /** The model in its memory; null for none. Jobs for it start without a wait. */
  readonly model?: string | null;
  /** Pictures that may be painted at the same time; 1 if absent. */
  readonly batch?: number;
  /** What it paints by its own account, also from before a restart of the bot. */
  readonly busyWith?: Attempt | null;
  /** How often it was replaced because it had died or grown too large. */
  readonly restarts?: number;

  /**
   * @throws RequestError for the author; PainterDied, after which there is a second try; PainterAway; the signal's reason;
   * any other Error for the operator.
   */
  paint(request: PaintRequest, call: PaintCall): Promise<Painted>;

  /** Opens a model in the background. It delays no job that comes earlier. */
  prepare?(model: string): void;

  /** Whether it may paint with this model at all; absent: with any. */
  has?(model: string): boolean;
}

/**
 * The painters that live now: one process, several on this machine, or some on other machines. The queue gives them jobs,
 * counts failures and lets those rest that fail again and again, whatever kind they are.
 */
export interface Painters {
  /** A painter is the same object for as long as it lives. While there is none, nothing is handed out and jobs wait. */
  readonly all: readonly JobPainter[];
  /** For operators: why there is none, or why none is handed a job; null if nothing is wrong. */
  readonly problem: string | null;
  /** The listener is called after `all` has changed, or when one may take more than before. */
  onChange(listener: () => void): void;
  /** A job has been delivered: what painters elsewhere keep of it may go. Never throws. */
  forget?(job: string): Promise<void>;
  /** Ends those that belong to this process; their jobs fail with PainterDied. */
  close(): Promise<void>;
}
