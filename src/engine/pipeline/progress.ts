import type { Pixels } from '../image/pixels.js';
import type { OnNotice } from '../meaning.js';

/** What is known after a denoising step. */
export interface Progress {
  /** 1..total. */
  readonly step: number;
  readonly total: number;
  /** Estimated from the steps so far, decoding not included. */
  readonly secondsLeft: number;
  readonly secondsPerStep: number;
  /** A cheap look at each picture, an eighth of its size: a linear map of the predicted latents. */
  previews(): Pixels[];
}

export interface PaintOptions {
  /** Ends a wait at once, and a call that runs before its next step. What is thrown is its reason. */
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
  /** Notes for the person who asked: a prompt that was cut, a checker that is missing. */
  onNotice?: OnNotice;
}
