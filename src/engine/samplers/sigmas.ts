import { wholeInRange } from '../check.js';

/**
 * A checkpoint's noise levels as k-diffusion counts them: sigma = sqrt((1 - a) / a), the noise in latents whose signal is 1,
 * rising with the timestep.
 */
export class NoiseLevels {
  readonly #logSigmas: Float64Array;

  /** @param alphasCumprod float32, one per training timestep. */
  constructor(alphasCumprod: Float32Array) {
    this.#logSigmas = Float64Array.from(alphasCumprod, (a) => Math.log((1 - a) / a) / 2);
  }

  /** The level at a timestep, which may be fractional: linear in log sigma (k-diffusion's DiscreteSchedule.t_to_sigma). */
  sigmaAt(timestep: number): number {
    const low = Math.floor(timestep);
    const high = Math.min(low + 1, this.#logSigmas.length - 1);
    const fraction = timestep - low;
    return Math.exp((1 - fraction) * this.#logSigmas[low]! + fraction * this.#logSigmas[high]!);
  }

  /** The inverse: a fractional timestep, kept within the table (DiscreteSchedule.sigma_to_t without quantising). */
  timestepAt(sigma: number): number {
    const levels = this.#logSigmas;
    const wanted = Math.log(sigma);
    let low = 0;
    let high = levels.length - 1;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (levels[middle]! <= wanted) low = middle;
      else high = middle;
    }
    const fraction = (wanted - levels[low]!) / (levels[high]! - levels[low]!);
    return low + Math.min(Math.max(fraction, 0), 1);
  }

  /**
   * `steps` falling levels and a last 0, as AUTOMATIC1111 has them: `default` at evenly spaced timesteps, 999 to 0
   * (DiscreteSchedule.get_sigmas); `karras` evenly spaced in sigma^(1/7), with more of them where there is little noise
   * (Karras et al. 2022, equation 5).
   *
   * @throws RequestError unless steps is a whole number from 1 to the number of timesteps.
   */
  schedule(steps: number, spacing: 'default' | 'karras'): number[] {
    const last = this.#logSigmas.length - 1;
    wholeInRange('steps', steps, 1, last + 1);
    // A single step needs no spacing: it starts at the highest level.
    const progress = (i: number) => (steps === 1 ? 0 : i / (steps - 1));
    const [largest, smallest] = [this.sigmaAt(last), this.sigmaAt(0)].map((sigma) => sigma ** (1 / RHO)) as [
      number,
      number,
    ];
    const sigmas = Array.from({ length: steps }, (_, i) =>
      spacing === 'karras'
        ? (largest + progress(i) * (smallest - largest)) ** RHO
        : this.sigmaAt(last * (1 - progress(i))),
    );
    return [...sigmas, 0];
  }
}

const RHO = 7;
