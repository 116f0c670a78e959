import { wholeInRange } from '../check.js';
import { sum } from './k-diffusion.js';
import type { SampleOptions } from './sampler.js';
import { LEAST_ALPHA, NoiseLevels } from './sigmas.js';

/** A noise level: x = signal * z0 + noise * n. */
export interface Level {
  /** The timestep that the model gets; may be fractional. */
  readonly timestep: number;
  readonly signal: number;
  readonly noise: number;
  /** log(signal / noise), the solvers' unit of time. */
  readonly lambda: number;
}

/** One run of the DPM-Solver family over levels[0], levels[1], ..., one more than there are steps. */
export interface VpRun {
  readonly x: Float32Array;
  readonly levels: readonly Level[];
  /** The picture's latents z0 as the model sees them through x. */
  denoise(x: Float32Array, level: Level): Promise<Float32Array>;
}

/**
 * Begins a run over timesteps evenly spaced from the last to 0, log(signal) being linear between them: NoiseScheduleVP
 * ("discrete") and "time_uniform" of DPM-Solver's authors, which the reference's --dpm_solver and AUTOMATIC1111's UniPC use.
 * Other spacings are k-diffusion's. A picture is noised to the level from which trunc(strength * steps) steps are left.
 *
 * @throws RequestError unless steps is a whole number from 1 to the number of timesteps.
 */
export function beginVpRun({ predict, alphasCumprod, steps, sigmas = 'default', start, begin }: SampleOptions): VpRun {
  wholeInRange('steps', steps, 1, alphasCumprod.length);
  const last = alphasCumprod.length - 1;
  const left = 'latents' in start ? Math.trunc(start.strength * steps) : steps;
  const levels =
    sigmas === 'default'
      ? Array.from({ length: left + 1 }, (_, i) => levelAt(alphasCumprod, (last * (left - i)) / steps))
      : levelsOf(new NoiseLevels(alphasCumprod), steps, sigmas).slice(steps - left);
  const { signal, noise } = levels[0]!;
  let x = start.noise;
  // With no steps, nothing would remove the noise again.
  if ('latents' in start) x = left ? sum([signal, start.latents], [noise, start.noise]) : start.latents.slice();
  begin?.(levels.length - 1);
  return {
    x,
    levels,
    async denoise(x, { timestep, signal, noise }) {
      const prediction = await predict(x, timestep);
      return prediction.denoised ?? sum([1 / signal, x], [-noise / signal, prediction.noise]);
    },
  };
}

function levelsOf(table: NoiseLevels, steps: number, sigmas: NonNullable<SampleOptions['sigmas']>): Level[] {
  const list = typeof sigmas === 'string' ? table.schedule(steps, sigmas) : sigmas;
  return list.map((sigma) => {
    const signal = 1 / Math.sqrt(1 + sigma * sigma);
    return { timestep: sigma && table.timestepAt(sigma), signal, noise: sigma * signal, lambda: -Math.log(sigma) };
  });
}

function levelAt(alphasCumprod: Float32Array, timestep: number): Level {
  const low = Math.floor(timestep);
  const high = Math.min(low + 1, alphasCumprod.length - 1);
  const fraction = timestep - low;
  const logAlpha = (t: number) => Math.log(Math.max(alphasCumprod[t]!, LEAST_ALPHA));
  const logSignal = ((1 - fraction) * logAlpha(low) + fraction * logAlpha(high)) / 2;
  const signal = Math.exp(logSignal);
  const noise = Math.sqrt(-Math.expm1(2 * logSignal));
  return { timestep, signal, noise, lambda: logSignal - Math.log(noise) };
}
