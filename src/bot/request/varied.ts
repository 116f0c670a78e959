import { lengthOf } from '../text/cut.js';
import { Refusal } from '../text/refusal.js';
import { Alternatives } from './alternatives.js';
import { PARAMETERS } from './axes.js';
import { MAX_COUNT, MAX_VARIED } from './bounds.js';
import { checkLength } from './length.js';
import { type Axis, onlyEnlarges, type PaintRequest, type SingleRequest } from './paint-request.js';

/** Larger numbers are not spelled out. */
const MANY = 1_000_000;

/** Whether the pictures differ in more than their seed, so that each keeps its place even if others are missing. */
export function isVaried(request: PaintRequest): boolean {
  return request.kind === 'table' || Boolean(request.dynamic) || Boolean(request.painted);
}

/** The axes of a table: columns, then rows. Other requests have none. */
export function axesOf(request: PaintRequest): readonly Axis[] {
  return request.kind === 'table' ? request.axes : [];
}

/**
 * Each picture of a varied request as a request of its own, in the order of the pictures: along the rows of a table.
 * All have the request's seed, unless seeds are varied or the prompt has wildcards but no alternatives, so that they only
 * differ in what was asked for.
 */
export function picturesOf({ painted, ...request }: PaintRequest): SingleRequest[] {
  const pictures = unfilled(request as PaintRequest, painted !== undefined);
  if (!painted) return pictures;
  return pictures.map((picture, k) => ({ ...picture, prompt: painted[k] ?? picture.prompt, template: request.prompt }));
}

/** @param wild the prompt has wildcards: pictures that differ in their seed differ in words as well. */
function unfilled(request: PaintRequest, wild: boolean): SingleRequest[] {
  if (request.kind !== 'table') {
    const { dynamic, ...rest } = request;
    if (wild && !dynamic) return Array.from({ length: rest.count }, (_, k) => ({ ...atSeed(rest, k), count: 1 }));
    const prompts = dynamic ? new Alternatives(rest.prompt).some(rest.count, rest.seed) : [rest.prompt];
    return prompts.map((prompt) => ({ ...rest, prompt, count: 1 }));
  }
  const { axes, ...rest } = request;
  let pictures: SingleRequest[] = [{ ...rest, kind: 'txt2img', count: 1 }];
  for (const { parameter, values } of [...axes].reverse()) {
    const { apply } = PARAMETERS[parameter];
    pictures = pictures.flatMap((picture) => values.map((value) => apply(picture, value, values[0]!)));
  }
  return pictures;
}

/** What picture k of a request is painted from; variations of one picture have its seed. */
function atSeed<T extends SingleRequest>(request: T, k: number): T {
  const { variation, seed } = request;
  if (variation) return { ...request, variation: { ...variation, seed: (variation.seed + k) % 2 ** 32 } };
  return { ...request, seed: (seed + k) % 2 ** 32 };
}

/**
 * A picture for each alternative in the prompt, if it has any; otherwise the request as it is. Words make nothing of a picture
 * that is only enlarged, or painted over at strength 0: it gets none for its alternatives, and an enlarged one stays one.
 *
 * @param wanted paints only that many, chosen by the seed; null for all, and 'all' where no number can be asked for.
 * @throws Refusal if there are too many, or the prompt is too long.
 */
export function withAlternatives(request: SingleRequest, wanted: number | null | 'all'): SingleRequest {
  checkLength(lengthOf(request.prompt), 'prompt');
  const alternatives = new Alternatives(request.prompt);
  const { count } = alternatives;
  const kept = onlyEnlarges(request) || ('strength' in request && request.strength === 0);
  if (kept || count === 1n) {
    const prompt = count === 1n ? alternatives.all()[0]! : request.prompt;
    const most = kept && request.kind === 'upscale' ? 1 : MAX_COUNT;
    return { ...request, prompt, dynamic: undefined, count: Math.min(request.count, most) };
  }
  if (typeof wanted !== 'number' && count > MAX_VARIED) {
    throw new Refusal(wanted === 'all' ? 'allAlternatives' : 'alternatives', {
      count: count > MANY ? () => `> ${MANY}` : Number(count),
      limit: MAX_VARIED,
    });
  }
  const all = Number(count);
  return { ...request, dynamic: true, count: typeof wanted === 'number' ? Math.min(wanted, all) : all };
}

/** Pictures per row: two by two is what a phone shows best, and more than four make a square. */
export function columnsOf({ axes }: { readonly axes?: readonly Axis[] }, count: number): number {
  if (axes) return axes[0]!.values.length;
  return count <= 4 ? 2 : Math.ceil(Math.sqrt(count));
}
