import type { Spacing } from './spacing.js';

/** What a model makes of latents x = sqrt(a_t) z0 + sqrt(1 - a_t) n, guidance included. */
export interface Prediction {
  /** n. */
  readonly noise: Float32Array;
  /** z0, where the model says more of it than the noise does: with v-prediction, also where x has no signal. */
  readonly denoised?: Float32Array | undefined;
}

/** Timesteps may be fractional. */
export type Predict = (latents: Float32Array, timestep: number) => Promise<Prediction>;

/** Where sampling starts: nothing but noise, or a picture's latents noised to a strength (SDEdit, Meng et al. 2021). */
export type Start =
  | { readonly noise: Float32Array }
  | {
      readonly latents: Float32Array;
      readonly noise: Float32Array;
      /** 0 keeps the picture, 1 ignores it. */
      readonly strength: number;
      /** Noised to the level of the first step that is taken, as diffusers does, also where the reference goes one higher. */
      readonly atFirstStep?: true;
    };

export interface SampleOptions {
  readonly predict: Predict;
  /** float32, one per training timestep. */
  readonly alphasCumprod: Float32Array;
  readonly steps: number;
  /** Noise added per step: 0 is deterministic. Only some samplers take it (see the table). */
  readonly eta?: number;
  /** Spacing of the noise levels, or the falling levels themselves, one more than there are steps; the last is 0. */
  readonly sigmas?: Spacing | readonly number[];
  /** Falling timesteps, one a step, if somebody chose them; `sigmas` then has their levels. */
  readonly timesteps?: readonly number[] | undefined;
  readonly start: Start;
  /**
   * Call it with the steps that the run takes, before the first prediction: where a picture is the start, and where
   * timesteps are rounded, they are not `steps`. A sampler that does not is taken to run trunc(strength * steps).
   */
  readonly begin?: (total: number) => void;
  /** Standard normal noise of the latents' size, from the run's generator; the order of draws is part of a seed's picture. */
  readonly randn: () => Float32Array;
}

export interface Step {
  /** From 1 to `total`. */
  readonly index: number;
  readonly total: number;
  /**
   * Latents after this step, in the same scale as {@link Predict}'s. The consumer may change them in place before it asks
   * for the next step (inpainting does); the sampler continues from there.
   */
  readonly latents: Float32Array;
  /** The picture's latents as predicted in this step: what a preview shows. */
  readonly predicted: Float32Array;
  /** latents = signal * z0 + noise * n at this level: inpainting needs them to add the same noise to the original. */
  readonly signal: number;
  readonly noise: number;
}

/**
 * One sampler, a pure function of its options. The last step's latents are the result; a start with strength 0 may yield none.
 * It may be ended between two steps, with `return`.
 */
export type Sampler = (options: SampleOptions) => AsyncGenerator<Step, Float32Array>;
