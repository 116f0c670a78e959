import type { OnNotice } from '../meaning.js';
import type { Predict } from '../samplers/sampler.js';

/**
 * A run this short takes all its steps: each is large, and what it will bring is not on a straight line. Ten of DPM++ 2M
 * came out 13 to 17 dB from the exact picture.
 */
export const FEWEST = 16;

/** For whoever asked for steps to be left out, of a run that takes them all. */
export const EVERY_STEP_RUN: Parameters<OnNotice> = [
  `Every step was run: some are left out for speed only where there are ${FEWEST} or more.`,
  { code: 'everyStepRun', values: { fewest: FEWEST } },
];

/**
 * Leaves the noise predictor out of some steps: what the picture's latents z0 will be predicted to be there is a straight
 * line through the last two predictions, in the timestep. It is z0 that is carried on, not the noise: samplers may add new
 * noise in every step, which z0 hardly changes with. This is TaylorSeer (Liu et al. 2025, arXiv:2503.06923) on what the
 * network gives out, so it takes any network, and each number depends on its own past only.
 *
 * The first `interval` + 1 steps are run, for what a picture shows is decided there, then every `interval`-th, and the last; a step that predicts twice does so as a whole.
 * One belongs to one run of a sampler.
 */
export class StepCache {
  readonly #predict: Predict;
  readonly #alphaAt: (timestep: number) => number;
  readonly #interval: number;
  /** Steps done, and how many there will be. */
  #done = 0;
  #total = Number.POSITIVE_INFINITY;
  /** The last two predictions at different timesteps, newest first. */
  #known: { readonly timestep: number; readonly z0: Float32Array }[] = [];

  /** @param alphaAt alphas_cumprod at a timestep, which may be fractional. @param interval 1 runs every step. */
  constructor(predict: Predict, alphaAt: (timestep: number) => number, interval: number) {
    this.#predict = predict;
    this.#alphaAt = alphaAt;
    this.#interval = interval;
  }

  /** The sampler has ended a step, the `index`-th from 1. */
  stepped({ index, total }: { readonly index: number; readonly total: number }): void {
    this.#done = index;
    this.#total = total;
  }

  readonly predict: Predict = async (latents, timestep) => {
    const alpha = this.#alphaAt(timestep);
    const [signal, noise] = [Math.sqrt(alpha), Math.sqrt(1 - alpha)];
    if (this.#runs()) {
      const prediction = await this.#predict(latents, timestep);
      if (this.#interval > 1) {
        const z0 = prediction.denoised ?? latents.map((x, i) => (x - noise * prediction.noise[i]!) / signal);
        this.#known = [{ timestep, z0 }, ...this.#known.filter((one) => one.timestep !== timestep)].slice(0, 2);
      }
      return prediction;
    }
    const denoised = this.#ahead(timestep);
    return { denoised, noise: latents.map((x, i) => (x - signal * denoised[i]!) / noise) };
  };

  /** Whether the step that comes now runs the noise predictor. */
  #runs(): boolean {
    const step = this.#done;
    if (step <= this.#interval || this.#total < FEWEST || step === this.#total - 1) return true;
    return step % this.#interval === 0;
  }

  #ahead(timestep: number): Float32Array {
    const [last, before] = this.#known;
    if (!before) return last!.z0;
    const share = (timestep - last!.timestep) / (last!.timestep - before.timestep);
    return last!.z0.map((value, i) => value + share * (value - before.z0[i]!));
  }
}
