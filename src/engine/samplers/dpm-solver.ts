import type { Sampler } from './sampler.js';

/**
 * DPM-Solver++ (Lu et al. 2022), multistep, second order, as the reference's DPMSolverSampler runs it for `--dpm_solver`
 * (ldm/models/diffusion/dpm_solver): steps evenly spaced in continuous time from 1 to 1/1000, the first of first order,
 * and the last too where there are fewer than 15. One model call a step and no noise of its own.
 */
export const dpmSolver: Sampler = async function* ({ predict, alphasCumprod, steps, start }) {
  const last = alphasCumprod.length;
  const times = Array.from({ length: steps + 1 }, (_, i) => 1 + (i / steps) * (1 / last - 1));
  const levels = times.map((time) => levelAt(alphasCumprod, time));
  const begin = 'latents' in start ? steps - Math.trunc(start.strength * steps) : 0;
  const total = steps - begin;
  let x = 'latents' in start ? noised(start.latents, start.noise, levels[begin]!) : start.noise;

  const predictions: Float32Array[] = [];
  for (let index = begin; index < steps; index++) {
    const [from, to] = [levels[index]!, levels[index + 1]!];
    const e = await predict(x, (times[index]! - 1 / last) * 1000);
    const predicted = x.map((value, i) => (value - from.noise * e[i]!) / from.signal);
    predictions.push(predicted);

    const h = to.lambda - from.lambda;
    const decay = Math.expm1(-h);
    const first = predictions.length < 2 || (index === steps - 1 && steps < 15);
    const before = levels[index - 1];
    const slope = first || !before ? 0 : h / (from.lambda - before.lambda) / 2;
    const previous = predictions.at(-2) ?? predicted;
    const current = x;
    x = predicted.map((z0, i) => {
      const ahead = z0 + slope * (z0 - previous[i]!);
      return (to.noise / from.noise) * current[i]! - to.signal * decay * ahead;
    });
    yield { index: index - begin + 1, total, latents: x, predicted, signal: to.signal, noise: to.noise };
  }
  return x;
};

interface Level {
  signal: number;
  noise: number;
  /** Half the logarithm of the signal-to-noise ratio. */
  lambda: number;
}

/** The level at a time in 1/1000..1, log signal linear between training timesteps (NoiseScheduleVP, "discrete"). */
function levelAt(alphasCumprod: Float32Array, time: number): Level {
  const position = Math.min(Math.max(time * alphasCumprod.length - 1, 0), alphasCumprod.length - 1);
  const low = Math.min(Math.floor(position), alphasCumprod.length - 2);
  const [a, b] = [Math.log(alphasCumprod[low]!) / 2, Math.log(alphasCumprod[low + 1]!) / 2];
  const logSignal = a + (position - low) * (b - a);
  const noise = Math.sqrt(-Math.expm1(2 * logSignal));
  return { signal: Math.exp(logSignal), noise, lambda: logSignal - Math.log(noise) };
}

function noised(latents: Float32Array, noise: Float32Array, level: Level): Float32Array {
  return latents.map((value, i) => level.signal * value + level.noise * noise[i]!);
}
