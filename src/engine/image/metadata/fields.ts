import type { Json } from './json.js';
import type { ReadParameters } from './parameters.js';

/** What other programs' field names mean. */
export type Names = Readonly<Record<string, keyof Omit<ReadParameters, 'controls' | 'other' | 'unread'>>>;

const TEXTS = new Set([
  'prompt',
  'negative',
  'sampler',
  'scheduleType',
  'modelHash',
  'model',
  'rng',
  'speed',
  'guidanceInterval',
  'kvSubsampling',
  'precision',
  'tiling',
  'blend',
  'template',
  'inpaintArea',
  'maskedContent',
  'outpaint',
  'version',
]);
const SEEDS = new Set(['seed', 'runSeed', 'variationSeed']);

/**
 * What a program wrote, under Easel's names. Fields without such a name, or with values that do not fit it, are kept as they
 * are, nested values as JSON. Nulls and empty texts are left out.
 */
export function named(written: Json, names: Names): ReadParameters {
  const known: Record<string, string | number> = {};
  const other: [string, string][] = [];
  for (const [name, value] of Object.entries(written)) {
    if (value === null || value === undefined || value === '') continue;
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    const field = Object.hasOwn(names, name) ? names[name] : undefined;
    const own = field && typeof value !== 'object' ? fieldValue(field, text) : undefined;
    if (own === undefined) other.push([name, text]);
    else known[field!] = own;
  }
  return { prompt: '', negative: '', ...known, other: Object.fromEntries(other) };
}

/**
 * @param text the value of a field.
 * @returns the field's value: a seed that a number would round keeps its digits. Undefined if it is not what the field wants.
 */
export function fieldValue(field: string, text: string): string | number | undefined {
  if (TEXTS.has(field)) return text;
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number)) return undefined;
  return SEEDS.has(field) && /^-?\d+$/.test(text) && !Number.isSafeInteger(number) ? text : number;
}
