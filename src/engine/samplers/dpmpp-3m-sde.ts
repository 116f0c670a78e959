import { slopeWeight } from './dpmpp-2m-sde.js';
import { beginRun, sum } from './k-diffusion.js';
import type { Sampler } from './sampler.js';

interface Past {
  readonly denoised: Float32Array;
  /** Length in log sigma of the step that it was the beginning of. */
  readonly h: number;
}

/**
 * DPM-Solver++(3M) on the diffusion SDE, eta 1 (k-diffusion's sample_dpmpp_3m_sde): the slope and the curve of the last three
 * predictions. One model call per step; noise is drawn at every step but the last.
 */
export const dpmpp3mSde: Sampler = async function* (options) {
  let { x, sigmas, denoise, stepped } = beginRun(options, { withoutSmallest: true });
  // Newest first.
  let past: Past[] = [];
  for (let i = 0; i + 1 < sigmas.length; i++) {
    const [from, to] = [sigmas[i]!, sigmas[i + 1]!];
    const denoised = await denoise(x, from);
    const h = Math.log(from / to);
    let next = denoised;
    if (to > 0) {
      const kept = (to / from) ** 2;
      const noise = [to * Math.sqrt(1 - kept), options.randn()] as const;
      next = sum([kept, x], [1 - kept, denoised], ...curve(denoised, past, h), noise);
    }
    past = [{ denoised, h }, ...past].slice(0, 2);
    x = yield* stepped(i, next, denoised);
  }
  return x;
};

/** What the predictions before this one add to a step of h. */
function curve(now: Float32Array, [one, two]: readonly Past[], h: number): (readonly [number, Float32Array])[] {
  if (!one) return [];
  const slope = slopeWeight(h);
  const r0 = one.h / h;
  if (!two) return terms(slope / r0, 0, now, one.denoised);
  const r1 = two.h / h;
  const bend = slope / (2 * h) - 1 / 2;
  // Of (now - one) / r0 and (one - two) / r1, the slopes of the last two steps.
  const late = slope * (1 + r0 / (r0 + r1)) - bend / (r0 + r1);
  const early = (bend - slope * r0) / (r0 + r1);
  return terms(late / r0, early / r1, now, one.denoised, two.denoised);
}

function terms(late: number, early: number, now: Float32Array, one: Float32Array, two?: Float32Array) {
  const list: (readonly [number, Float32Array])[] = [
    [late, now],
    [early - late, one],
  ];
  return two ? [...list, [-early, two] as const] : list;
}
