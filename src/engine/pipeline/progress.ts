import type { Pixels } from '../image/pixels.js';
import type { OnNotice } from '../meaning.js';
import type { Tensor } from '../networks.js';

/** A look at an unfinished picture. */
export interface Preview extends Pixels {
  /** How many of the picture's pixels one of its own stands for, along each side. */
  readonly scale: number;
}

/**
 * What has just been done: `enlarge` a tile, where an upscaler comes first; `encode` what was asked for; `denoise` a step; `decode` a
 * picture; `check` them all, where there is a safety checker.
 */
export type PaintPhase = 'enlarge' | 'encode' | 'denoise' | 'decode' | 'check';

/** What is known after a denoising step, or another piece of the work. */
export interface Progress {
  readonly phase: PaintPhase;
  /** 1..total; 0 before the first step. Tiles count as well. */
  readonly step: number;
  /** What was asked for until the first step is done; a sampler may take one more or fewer. */
  readonly total: number;
  /**
   * Until the pictures are there: decoded, and checked. Estimated from this call's steps and from earlier calls; null while nothing is
   * known. Before the first picture is decoded, that is taken to be as long as one and a half steps.
   */
  readonly secondsLeft: number | null;
  /** Null before the first step. */
  readonly secondsPerStep: number | null;
  /**
   * A look at each picture: a linear map of the predicted latents, one pixel for each, or what a tiny autoencoder makes
   * of them ({@link OpenOptions.previewVae}). None before the first step.
   */
  previews(): Promise<Preview[]>;
}

/** What is known when a denoising step has ended, and may be changed: diffusers' callback_on_step_end. */
export interface StepEnd {
  /** 1..steps. */
  readonly step: number;
  readonly steps: number;
  /** At which the noise predictor was asked, and its noise level; where a step asks twice, the first. */
  readonly timestep: number;
  readonly sigma: number;
  /**
   * [pictures, channels, h, w] after the step: signal * z0 + noise * n, where z0 is a picture's and n standard normal noise.
   * signal^2 + noise^2 is 1, also where diffusers' scheduler keeps its latents in k-diffusion's scale, z0 + sigma * n.
   */
  readonly latents: Tensor;
  readonly signal: number;
  readonly noise: number;
  /** z0 as predicted in this step. */
  readonly predicted: Tensor;
}

/** Latents of the same shape, from which the next step goes on. */
export interface StepChange {
  readonly latents?: Tensor | undefined;
}

/**
 * The callbacks may be async: a promise that rejects ends the call with its error, and a call that has painted waits for them. Only
 * `onStep` is waited for before the next step.
 */
export interface PaintOptions {
  /** Ends the call at once, waiting or running; what is thrown is its reason. A step that has begun ends by itself, unheard. */
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: Progress) => unknown) | undefined;
  /** Is waited for after every step, and may give latents back that replace those of the step. */
  // biome-ignore lint/suspicious/noConfusingVoidType: a callback that only looks gives nothing back
  onStep?: ((step: StepEnd) => StepChange | void | Promise<StepChange | void>) | undefined;
  /** Notes for the person who asked: a prompt that was cut, a checker that is missing. */
  onNotice?: OnNotice | undefined;
}
