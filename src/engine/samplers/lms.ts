import { beginRun, sum } from './k-diffusion.js';
import type { Sampler } from './sampler.js';

const ORDER = 4;

/** Linear multistep over the last four slopes (k-diffusion's sample_lms, Crowson 2022). One model call per step. */
export const lms: Sampler = async function* (options) {
  let { x, sigmas, denoise, stepped } = beginRun(options);
  // Newest first.
  let slopes: Float32Array[] = [];
  for (let i = 0; i + 1 < sigmas.length; i++) {
    const sigma = sigmas[i]!;
    const denoised = await denoise(x, sigma);
    slopes = [sum([1 / sigma, x], [-1 / sigma, denoised]), ...slopes].slice(0, ORDER);
    const nodes = slopes.map((_, j) => sigmas[i - j]!);
    const terms = slopes.map((slope, j) => [integral(nodes, j, sigma, sigmas[i + 1]!), slope] as const);
    x = yield* stepped(i, sum([1, x], ...terms), denoised);
  }
  return x;
};

/** The integral from a to b of the Lagrange polynomial that is 1 at nodes[j] and 0 at the others (four of them at most). */
function integral(nodes: readonly number[], j: number, a: number, b: number): number {
  const basis = (sigma: number) =>
    nodes.reduce((product, node, k) => (k === j ? product : (product * (sigma - node)) / (nodes[j]! - node)), 1);
  // Simpson's rule is exact up to the third degree.
  return ((b - a) / 6) * (basis(a) + 4 * basis((a + b) / 2) + basis(b));
}
