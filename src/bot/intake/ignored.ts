import { SPEEDS, type Speed } from '../../engine/pipeline/speed.js';
import { EVERY_STEP_RUN, FEWEST } from '../../engine/pipeline/step-cache.js';
import { onlyEnlarges, type PaintRequest } from '../request/paint-request.js';
import type { Notice } from '../text/notice.js';

/** Options without effect: the request is painted all the same, and its author is told. */
const TEXTS = {
  strengthIgnored: '"strength" was ignored: it needs a picture to start from, in "image".',
  aspectIgnored: '"aspect" was ignored: the pictures have the shape of the picture that they start from.',
  weightIgnored: '"weight" was ignored: it needs a "control".',
  variationIgnored: '"variation_seed" was ignored: it only counts with "variation_strength".',
  seedIgnored: '"seed" was ignored: the table has seeds of its own.',
  promptIgnored: 'At strength 0 nothing is repainted, so the prompt has no effect.',
  detailsIgnored: 'Without "details" nothing is painted, so the prompt and the strength had no effect.',
  promptUnguided: 'At a guidance scale of 0, the prompt has no effect.',
  negativeUnguided: 'At a guidance scale of 1, the negative prompt has no effect.',
};

type Code = keyof typeof TEXTS;

/** A notice for each code; codes that do not apply are passed as false. */
export function ignored(...codes: readonly (Code | false)[]): Notice[] {
  return codes.flatMap((code) => (code ? [{ text: TEXTS[code], meaning: { code, values: {} } }] : []));
}

/** How guidance uses the prompts: eps = uncond + scale * (cond - uncond). */
export function unguided(request: PaintRequest): Notice[] {
  const { kind, scale, prompt, negative } = request;
  // In a table, scale may be what varies.
  if (kind === 'table' || onlyEnlarges(request)) return [];
  return ignored(
    scale === 0 && prompt.trim() !== '' && 'promptUnguided',
    scale === 1 && negative.trim() !== '' && 'negativeUnguided',
  );
}

/**
 * A speed that leaves out no step, for there are too few. Samplers take as many as were asked for, and the strength's part of
 * them where there is a picture to start from; some take one more.
 *
 * @param speed as a member asked for it; a server's goes without saying.
 */
export function unskipped(speed: Speed | null | undefined, request: PaintRequest): Notice[] {
  // In a table, steps may be what varies.
  if (!speed || request.kind === 'table' || onlyEnlarges(request)) return [];
  const strength = ('strength' in request ? request.strength : undefined) ?? 1;
  const most = Math.trunc(request.steps * strength) + 1;
  if (strength === 0 || SPEEDS[speed].cacheInterval === 1 || most >= FEWEST) return [];
  const [text, meaning] = EVERY_STEP_RUN;
  return [{ text, meaning }];
}
