import type { Pixels } from '../image/pixels.js';
import type { OnNotice } from '../meaning.js';

/** A look at an unfinished picture. */
export interface Preview extends Pixels {
  /** How many of the picture's pixels one of its own stands for, along each side. */
  readonly scale: number;
}

/** What is known after a denoising step. */
export interface Progress {
  /** 1..total. */
  readonly step: number;
  readonly total: number;
  /** Estimated from the steps so far, decoding not included. */
  readonly secondsLeft: number;
  readonly secondsPerStep: number;
  /**
   * A look at each picture: a linear map of the predicted latents, an eighth of its size, or what a tiny autoencoder makes
   * of them ({@link OpenOptions.previewVae}).
   */
  previews(): Promise<Preview[]>;
}

export interface PaintOptions {
  /** Ends the call at once, waiting or running; what is thrown is its reason. A step that has begun ends by itself, unheard. */
  signal?: AbortSignal;
  onProgress?: (progress: Progress) => void;
  /** Notes for the person who asked: a prompt that was cut, a checker that is missing. */
  onNotice?: OnNotice;
}
