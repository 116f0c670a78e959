import { beginRun, sum } from './k-diffusion.js';
import type { Sampler } from './sampler.js';

/** With fewer steps than this the last ones are of lower order, which keeps them from overshooting. */
const FEW_STEPS = 15;

/**
 * The diffusion exponential integrator sampler of second order (Zhang & Chen 2022, tAB-DEIS in log sigma; diffusers'
 * DEISMultistepScheduler). One model call per step.
 */
export const deis: Sampler = deisOfOrder(2);

export function deisOfOrder(highest: 2 | 3): Sampler {
  return async function* (options) {
    let { x, sigmas, denoise, stepped } = beginRun(options);
    const total = sigmas.length - 1;
    // Noise predictions, newest first.
    let noises: Float32Array[] = [];
    for (let i = 0; i < total; i++) {
      const [from, to] = [sigmas[i]!, sigmas[i + 1]!];
      const denoised = await denoise(x, from);
      noises = [sum([1 / from, x], [-1 / from, denoised]), ...noises].slice(0, highest);
      const order = Math.min(noises.length, total < FEW_STEPS ? total - i : highest);
      const nodes = Array.from({ length: order }, (_, j) => Math.log(sigmas[i - j]!));
      const next =
        to > 0 ? sum([1, x], ...nodes.map((_, j) => [integral(nodes, j, from, to), noises[j]!] as const)) : denoised;
      x = yield* stepped(i, next, denoised);
    }
    return x;
  };
}

/** The integral over sigma, a to b, of the polynomial in log sigma that is 1 at nodes[j] and 0 at the others (two at most). */
function integral(nodes: readonly number[], j: number, a: number, b: number): number {
  // Coefficients of the polynomial in u = log(sigma / a), lowest first.
  let basis = [1];
  nodes.forEach((node, k) => {
    if (k === j) return;
    const root = node - nodes[0]!;
    const scale = 1 / (nodes[j]! - node);
    basis = [...basis, 0].map((_, n) => scale * ((basis[n - 1] ?? 0) - root * (basis[n] ?? 0)));
  });
  // The antiderivative of u^n is sigma times u^n - n u^(n-1) + n (n-1) u^(n-2) - ...
  const u = Math.log(b / a);
  const antiderivative = (sigma: number, log: number) => {
    let power = 1;
    let value = 1;
    return (
      sigma *
      basis.reduce((total, factor, n) => {
        if (n > 0) {
          power *= log;
          value = power - n * value;
        }
        return total + factor * value;
      }, 0)
    );
  };
  return antiderivative(b, u) - antiderivative(a, 0);
}
