import { CheckpointError } from '../errors.js';

/** How a scheduler's betas are laid out; the names are diffusers'. */
export interface BetaSchedule {
  betaStart: number;
  betaEnd: number;
  /** scaled_linear: linear in the square root (Rombach et al. 2022). squaredcos_cap_v2: Nichol & Dhariwal 2021. */
  kind: 'linear' | 'scaled_linear' | 'squaredcos_cap_v2';
  timesteps: number;
}

/** The schedule that SD v1 was trained with (v1-inference.yaml). */
export const SD_V1_BETAS: BetaSchedule = { betaStart: 0.00085, betaEnd: 0.012, kind: 'scaled_linear', timesteps: 1000 };

/** Products of 1 - beta: float64 throughout, rounded to float32 once at the end, as register_schedule of the reference does. */
export function alphasCumprod(schedule: BetaSchedule): Float32Array {
  const alphas = new Float32Array(schedule.timesteps);
  let product = 1;
  betas(schedule).forEach((beta, t) => {
    product *= 1 - beta;
    alphas[t] = product;
  });
  return alphas;
}

/** @param trained betas that were stored instead of computed. */
export function alphasCumprodOf(trained: readonly number[]): Float32Array {
  let product = 1;
  return Float32Array.from(trained, (beta) => {
    product *= 1 - beta;
    return product;
  });
}

/**
 * The same levels, shifted and stretched so that the last has no signal at all (Lin et al. 2023, algorithm 1; diffusers'
 * rescale_betas_zero_snr). A model trained on it must predict v: there is no way from pure noise's own prediction to z0.
 */
export function zeroTerminalSnr(alphas: Float32Array): Float32Array {
  const [first, last] = [Math.sqrt(alphas[0]!), Math.sqrt(alphas.at(-1)!)];
  return alphas.map((alpha) => (((Math.sqrt(alpha) - last) * first) / (first - last)) ** 2);
}

function betas({ betaStart, betaEnd, kind, timesteps }: BetaSchedule): number[] {
  if (kind === 'linear') return linspace(betaStart, betaEnd, timesteps);
  if (kind === 'scaled_linear') {
    return linspace(Math.sqrt(betaStart), Math.sqrt(betaEnd), timesteps).map((root) => root * root);
  }
  const alphaBar = (t: number) => Math.cos(((t / timesteps + 0.008) / 1.008) * (Math.PI / 2)) ** 2;
  return Array.from({ length: timesteps }, (_, t) => Math.min(1 - alphaBar(t + 1) / alphaBar(t), 0.999));
}

/** torch.linspace fills the second half from the end, which changes the last bit. */
function linspace(start: number, end: number, count: number): number[] {
  if (!Number.isInteger(count) || count < 1 || count > 100_000) {
    throw new CheckpointError(`A noise schedule cannot have ${count} timesteps. Stable Diffusion has 1000.`);
  }
  const step = count > 1 ? (end - start) / (count - 1) : 0;
  return Array.from({ length: count }, (_, i) => (i < count / 2 ? start + step * i : end - step * (count - 1 - i)));
}
