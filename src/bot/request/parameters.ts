import { SPEED_NAMES } from '../../engine/pipeline/speed.js';
import { MAX_SEED } from '../../engine/random/seed.js';
import { TILES } from '../../engine/tile.js';
import type { Translate } from '../text/i18n.js';
import { Refusal } from '../text/refusal.js';
import { typedNumber } from '../text/typed-number.js';
import { MAX_COUNT, SCALE, STEPS } from './bounds.js';
import type { Size } from './size.js';

/** Sides of a picture may differ by this factor. */
const MAX_RATIO = 4;

type Reader<T> = (text: string) => T | null;
interface Entry<T> {
  /** Other names that Midjourney, other bots and other programs have for it. */
  readonly aliases: readonly string[];
  /** Null for a value that cannot be. */
  readonly read: Reader<T>;
  /** A key of the catalogues' `parameter`, for what it takes; its values are beside. */
  readonly takes: string;
  readonly values?: Readonly<Record<string, string | number>>;
}

const words = (text: string) => text || null;
const within =
  ({ low, high }: { low: number; high: number }, whole: boolean): Reader<number> =>
  (text) => {
    const value = typedNumber(text);
    return value >= low && value <= high && (!whole || Number.isInteger(value)) ? value : null;
  };
const whole = (bounds: { low: number; high: number }, ...aliases: string[]): Entry<number> => ({
  ...{ aliases, read: within(bounds, true), takes: 'whole', values: bounds },
});
const number = (bounds: { low: number; high: number }, ...aliases: string[]): Entry<number> => ({
  ...{ aliases, read: within(bounds, false), takes: 'number', values: bounds },
});
const text = (...aliases: string[]): Entry<string> => ({ aliases, read: words, takes: 'words' });
const oneOf = <T extends string>(names: readonly T[], given: T | null): Entry<T> => ({
  aliases: [],
  read: (typed) => names.find((name) => name === typed.toLowerCase()) ?? (typed ? null : given),
  takes: 'choice',
  values: { names: names.join(', ') },
});
const flag: Entry<true> = { aliases: [], read: (typed) => (typed ? null : true), takes: 'nothing' };

const SEEDS = { low: 0, high: MAX_SEED };
const SHARE = { low: 0, high: 1 };

/** What may be typed at the end of a prompt, by name: what the options of /imagine take, and any ratio of sides. */
export const TYPED = {
  ar: { aliases: ['aspect', 'aspect_ratio', 'ratio'], read: readRatio, takes: 'ratio', values: { most: MAX_RATIO } },
  no: text('negative', 'neg'),
  seed: whole(SEEDS),
  steps: whole(STEPS, 'step'),
  scale: number(SCALE, 'cfg', 'cfg_scale', 'guidance', 'guidance_scale'),
  sampler: text('sampling'),
  count: whole({ low: 1, high: MAX_COUNT }, 'n', 'number', 'repeat', 'r', 'batch'),
  speed: oneOf(SPEED_NAMES, null),
  model: text('checkpoint', 'ckpt'),
  style: text(),
  strength: number(SHARE, 'denoise', 'denoising_strength'),
  tile: oneOf(TILES, 'both'),
  variation_seed: whole(SEEDS, 'subseed'),
  variation_strength: number(SHARE, 'subseed_strength'),
  hidden: flag,
  spoiler: flag,
} satisfies Record<string, Entry<unknown>>;

export type TypedName = keyof typeof TYPED;
export const TYPED_NAMES = Object.keys(TYPED) as TypedName[];

/** Values by name. */
export type Given = { readonly [Name in TypedName]?: NonNullable<ReturnType<(typeof TYPED)[Name]['read']>> };

/** Parameters of other programs, and what comes nearest to them here. */
const MEANT: Readonly<Record<string, TypedName>> = {
  ...{ s: 'scale', stylize: 'scale', q: 'steps', quality: 'steps', stop: 'steps', hd: 'steps' },
  ...{ c: 'variation_strength', chaos: 'variation_strength', weird: 'variation_strength', w: 'ar', width: 'ar' },
  ...{ h: 'ar', height: 'ar', size: 'ar', iw: 'strength', v: 'model', version: 'model', niji: 'model', m: 'model' },
  ...{ sameseed: 'seed', fast: 'speed', relax: 'speed', turbo: 'speed', draft: 'speed', sref: 'style', raw: 'style' },
};

/** Two hyphens, or a dash: phones make one of them. A letter follows at once, or it is punctuation. */
const MARK = /(?<=^|\s)(--|[—–―])(\p{L}[\p{L}\p{N}_-]*)(?:=|(?=\s|$))/gu;

/**
 * Takes what was typed as in Midjourney, `--ar 3:2 --no people`, off the end of a prompt. A hyphen in a name is as good as
 * `_`. Two hyphens before a blank are punctuation, and so is a dash before a word that is no parameter.
 *
 * @param accepted those that have a meaning where it was typed.
 * @throws Refusal for an unknown one, and for a value that cannot be.
 */
export function readTyped(
  prompt: string,
  accepted: readonly TypedName[] = TYPED_NAMES,
): { prompt: string; given: Given } {
  const marks = [...prompt.matchAll(MARK)].filter(([, mark, typed]) => mark === '--' || named(typed!) !== undefined);
  const given: Partial<Record<TypedName, unknown>> = {};
  marks.forEach(({ 0: all, 2: typed, index }, k) => {
    const name = named(typed!);
    if (name === undefined || !accepted.includes(name)) throw unknown(typed!, name, accepted);
    const value = unquoted(prompt.slice(index + all.length, marks[k + 1]?.index).trim());
    const { read, takes, values }: Entry<unknown> = TYPED[name];
    const found = read(value);
    if (found === null) {
      throw new Refusal(value ? 'parameterValue' : 'parameterEmpty', {
        parameter: `--${typed}`,
        value,
        takes: (t: Translate) => t(`parameter.${takes}`, { ...values }),
      });
    }
    given[name] = name === 'no' && given.no ? `${given.no}, ${found}` : found;
  });
  const end = marks[0]?.index ?? prompt.length;
  return { prompt: marks.length > 0 ? prompt.slice(0, end).trimEnd() : prompt, given: given as Given };
}

function named(typed: string): TypedName | undefined {
  const name = typed.toLowerCase().replaceAll('-', '_');
  return TYPED_NAMES.find((one) => one === name || (TYPED[one].aliases as readonly string[]).includes(name));
}

function unknown(typed: string, known: TypedName | undefined, accepted: readonly TypedName[]): Refusal {
  const list = () => accepted.map((name) => `\`--${name}\``).join(' ');
  if (known !== undefined) return new Refusal('parameterElsewhere', { parameter: `--${typed}`, list });
  const nearest = nearestTo(typed.toLowerCase().replaceAll('-', '_'), accepted);
  if (!nearest) return new Refusal('noParameter', { parameter: `--${typed}`, list });
  return new Refusal('nearParameter', { parameter: `--${typed}`, nearest: () => `\`--${nearest}\``, list });
}

function nearestTo(typed: string, accepted: readonly TypedName[]): TypedName | null {
  const meant = MEANT[typed];
  if (meant && accepted.includes(meant)) return meant;
  const names = accepted.flatMap((name) => [name, ...TYPED[name].aliases].map((alias) => ({ name, alias })));
  const [best] = names
    .map(({ name, alias }) => ({ name, off: edits(typed, alias) / Math.max(typed.length, alias.length) }))
    .sort((a, b) => a.off - b.off);
  return best && best.off <= 0.5 ? best.name : null;
}

/** Letters to change, add or leave out (Levenshtein 1965). */
function edits(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, k) => k);
  for (const [i, letter] of [...one].entries()) {
    const next = [i + 1];
    for (let k = 0; k < other.length; k++) {
      next.push(Math.min(next[k]! + 1, row[k + 1]! + 1, row[k]! + (letter === other[k] ? 0 : 1)));
    }
    row = next;
  }
  return row.at(-1)!;
}

/** `3:2`, `3x2`, `3/2` or 1.5. */
function readRatio(typed: string): Size | null {
  const [across, down = 1, ...more] = typed
    .normalize('NFKC')
    .split(/[:x×/]/i)
    .map(typedNumber);
  const ratio = across! / down;
  return more.length === 0 && ratio >= 1 / MAX_RATIO && ratio <= MAX_RATIO ? [across!, down] : null;
}

function unquoted(typed: string): string {
  return /^(["'“”„«]).*(["'“”»])$/su.test(typed) ? typed.slice(1, -1).trim() : typed;
}
