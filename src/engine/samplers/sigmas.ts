import { malformed, shown, wholeInRange } from '../check.js';
import { ALIGNED, type Spacing, trailingTimesteps } from './spacing.js';

/** Without any signal a level's sigma would be infinite: it is 4096 there, as in diffusers' EulerDiscreteScheduler. */
export const LEAST_ALPHA = 2 ** -24;

/**
 * A checkpoint's noise levels as k-diffusion counts them: sigma = sqrt((1 - a) / a), the noise in latents whose signal is 1,
 * rising with the timestep.
 */
export class NoiseLevels {
  readonly #logSigmas: Float64Array;

  /** @param alphasCumprod float32, one per training timestep. */
  constructor(alphasCumprod: Float32Array) {
    if (!(alphasCumprod instanceof Float32Array)) {
      throw malformed('alphasCumprod', `must be a Float32Array, got ${shown(alphasCumprod)}.`);
    }
    this.#logSigmas = Float64Array.from(alphasCumprod, (a) => {
      const alpha = Math.max(a, LEAST_ALPHA);
      return Math.log((1 - alpha) / alpha) / 2;
    });
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
   * `steps` falling levels and a last 0, as AUTOMATIC1111 has them.
   *
   * @throws RequestError unless steps is a whole number from 1 to the number of timesteps.
   */
  schedule(steps: number, spacing: Spacing): number[] {
    wholeInRange('steps', steps, 1, this.#logSigmas.length);
    return [...this.#spaced(steps, spacing), 0];
  }

  /** The same without the smallest level above 0: from one more step (AUTOMATIC1111's discard_next_to_last_sigma). */
  scheduleWithoutSmallest(steps: number, spacing: Spacing): number[] {
    wholeInRange('steps', steps, 1, this.#logSigmas.length);
    return [...this.#spaced(steps + 1, spacing).slice(0, -1), 0];
  }

  #spaced(steps: number, spacing: Spacing): number[] {
    const last = this.#logSigmas.length - 1;
    // A single step needs no spacing: it starts at the highest level.
    const along = (from: number, to: number) =>
      Array.from({ length: steps }, (_, i) => from + (steps === 1 ? 0 : i / (steps - 1)) * (to - from));
    const [largest, smallest] = [this.sigmaAt(last), this.sigmaAt(0)];
    switch (spacing) {
      case 'karras':
        return along(largest ** (1 / RHO), smallest ** (1 / RHO)).map((root) => root ** RHO);
      case 'exponential':
        return along(Math.log(largest), Math.log(smallest)).map(Math.exp);
      case 'ays':
        return this.#aligned(steps);
      case 'sgm_uniform':
        return Array.from({ length: steps }, (_, i) => this.sigmaAt(last * (1 - i / steps)));
      case 'trailing':
        return trailingTimesteps(last + 1, steps).map((t) => this.sigmaAt(t));
      default:
        return along(last, 0).map((t) => this.sigmaAt(t));
    }
  }

  /** Ten steps are those of {@link ALIGNED}; others lie between them, linear in log sigma. */
  #aligned(steps: number): number[] {
    const logs = ALIGNED.map((t) => Math.log(this.sigmaAt(t)));
    return Array.from({ length: steps }, (_, i) => {
      const place = (i * (logs.length - 1)) / steps;
      const [low, high] = [logs[Math.floor(place)]!, logs[Math.ceil(place)]!];
      return Math.exp(low + (place % 1) * (high - low));
    });
  }
}

const RHO = 7;
