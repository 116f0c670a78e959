import { wholeInRange } from '../check.js';
import type { SampleOptions, Start } from './sampler.js';
import { trailingTimesteps } from './spacing.js';

const { fround, sqrt } = Math;

/** One entry per step, in the order of rising noise: sampling runs from the last to the first. */
export interface DdimSchedule {
  readonly timesteps: readonly number[];
  /** alphas_cumprod at the timestep. */
  readonly alphas: Float32Array;
  /** alphas_cumprod one step further down; alphas_cumprod[0] below the first. */
  readonly alphasPrev: Float32Array;
  /** Standard deviation of the noise that a step adds again. */
  readonly sigmas: Float32Array;
}

/**
 * The timesteps of the reference's make_ddim_timesteps ("uniform") and their coefficients (make_ddim_sampling_parameters),
 * rounded to float32 where it does.
 *
 * There are ceil(T / floor(T / steps)) of them, which is more than `steps` unless it divides T = 1000: 30 gives 31. Where
 * the reference fails because the last one would be T (3, 9, 27, 36, 37, 101..111, 251..333, 501..1000 steps), it is T - 1.
 *
 * @param alphasCumprod float32, one per training timestep (T of them).
 * @param steps 1..T.
 * @param eta 0 (deterministic) to 1 (as much noise as DDPM).
 * @param falling the timesteps instead: see {@link fallingTimesteps}.
 * @throws RequestError when there are not that many timesteps.
 */
export function ddimSchedule(
  alphasCumprod: Float32Array,
  steps: number,
  eta = 0,
  falling?: readonly number[],
): DdimSchedule {
  wholeInRange('steps', steps, 1, alphasCumprod.length);
  const timesteps = falling ? [...falling].reverse() : uniform(alphasCumprod.length, steps);
  const alphas = Float32Array.from(timesteps, (t) => alphasCumprod[t]!);
  const alphasPrev = Float32Array.from(timesteps, (_, i) => (i ? alphas[i - 1]! : alphasCumprod[0]!));
  const sigmas = alphas.map((alpha, i) => {
    const previous = alphasPrev[i]!;
    // float64, but for a reciprocal: that is how PyTorch divides a NumPy array by a float32 tensor.
    return eta * sqrt((1 - previous) * fround(1 / fround(1 - alpha)) * (1 - alpha / previous));
  });
  return { timesteps, alphas, alphasPrev, sigmas };
}

/** diffusers' timestep_spacing "trailing", or the timesteps that somebody chose; undefined for the reference's. */
export function fallingTimesteps({
  alphasCumprod,
  steps,
  sigmas,
  timesteps,
}: SampleOptions): readonly number[] | undefined {
  return timesteps ?? (sigmas === 'trailing' ? trailingTimesteps(alphasCumprod.length, steps) : undefined);
}

function uniform(trained: number, steps: number): number[] {
  const stride = Math.floor(trained / steps);
  const timesteps: number[] = [];
  for (let t = 0; t < trained; t += stride) timesteps.push(Math.min(t + 1, trained - 1));
  return timesteps;
}

/**
 * Where sampling begins: the latents, and how many of the schedule's steps are left to run.
 *
 * A picture is noised to index trunc(strength * steps) although the first step taken is the one below it: the reference's
 * img2img does so (its stochastic_encode), and a picture only looks like the reference's if this one does too. At strength 1
 * that index may be one past the table, where the reference fails; the table's last entry is taken. With
 * `start.atFirstStep` the index is that of the first step.
 */
export function ddimStart(schedule: DdimSchedule, start: Start, steps: number): { x: Float32Array; left: number } {
  if (!('latents' in start)) return { x: start.noise.slice(), left: schedule.timesteps.length };
  const left = Math.trunc(start.strength * steps);
  const index = start.atFirstStep ? Math.max(left - 1, 0) : left;
  const alpha = schedule.alphas[Math.min(index, schedule.alphas.length - 1)]!;
  const [signal, noise] = [fround(sqrt(alpha)), fround(sqrt(fround(1 - alpha)))];
  return { x: start.latents.map((z, i) => fround(signal * z) + fround(noise * start.noise[i]!)), left };
}
