/**
 * How a sampler's steps are spread over the noise levels, with AUTOMATIC1111's label for each (modules/sd_schedulers.py;
 * trailing is diffusers'), which is written into pictures' metadata.
 *
 * `default` at even timesteps, 999 to 0, for most samplers; `karras` even in sigma^(1/7) (Karras et al. 2022);
 * `exponential` even in log sigma; `ays` aligned to where SD v1 changes most (Sabour et al. 2024); `sgm_uniform` and
 * `trailing` at even timesteps that leave the last, cleanest one out (Lin et al. 2023): few-step models are trained on these.
 */
export const SPACINGS = {
  default: 'Uniform',
  karras: 'Karras',
  exponential: 'Exponential',
  ays: 'Align Your Steps',
  sgm_uniform: 'SGM Uniform',
  trailing: 'Trailing',
} as const;

export type Spacing = keyof typeof SPACINGS;

export const SPACING_NAMES = Object.keys(SPACINGS) as Spacing[];

/** Ten timesteps for SD v1 and the one after them (research.nvidia.com/labs/toronto-ai/AlignYourSteps). */
export const ALIGNED = [999, 850, 736, 645, 545, 455, 343, 233, 124, 24, 0] as const;

/** `steps` falling timesteps, the first being the last of `trained`: diffusers' timestep_spacing "trailing". */
export function trailingTimesteps(trained: number, steps: number): number[] {
  return Array.from({ length: steps }, (_, i) => Math.round(trained - (i * trained) / steps) - 1);
}
