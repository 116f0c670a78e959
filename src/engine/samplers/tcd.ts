import { sum } from './k-diffusion.js';
import { lcmTimesteps } from './lcm.js';
import type { Sampler } from './sampler.js';

/**
 * Strategic stochastic sampling for trajectory consistency distillation (Zheng et al. 2024, algorithm 4; diffusers'
 * TCDScheduler): each step jumps below the next level and adds fresh noise up to it. `eta` is the paper's gamma: 0 jumps to
 * the next level itself. One model call per step; no noise in the last, nor at eta 0. For models and LoRAs distilled for it,
 * in 1 to 8 steps. Timesteps, and what is left of them for a picture, are LCM's.
 */
export const tcd: Sampler = async function* (options) {
  const { predict, alphasCumprod, eta = 0.3, start, begin, randn } = options;
  const timesteps = lcmTimesteps(options);
  const total = timesteps.length;
  begin?.(total);
  if ('latents' in start && total === 0) return start.latents.slice();
  const levelAt = (t: number) => {
    const alpha = alphasCumprod[t]!;
    return { alpha, signal: Math.sqrt(alpha), noise: Math.sqrt(1 - alpha) };
  };

  const first = levelAt(timesteps[0]!);
  let x = 'latents' in start ? sum([first.signal, start.latents], [first.noise, start.noise]) : start.noise;
  for (let i = 0; i < total; i++) {
    const from = levelAt(timesteps[i]!);
    const prediction = await predict(x, timesteps[i]!);
    const predicted = prediction.denoised ?? sum([1 / from.signal, x], [-from.noise / from.signal, prediction.noise]);
    const next = timesteps[i + 1] ?? 0;
    const to = levelAt(next);
    const below = levelAt(Math.floor((1 - eta) * next));
    let latents = sum([below.signal, predicted], [below.noise, prediction.noise]);
    if (eta > 0 && i + 1 < total) {
      const kept = to.alpha / below.alpha;
      latents = sum([Math.sqrt(kept), latents], [Math.sqrt(1 - kept), randn()]);
    }
    yield { index: i + 1, total, latents, predicted, signal: to.signal, noise: to.noise };
    x = latents;
  }
  return x;
};
