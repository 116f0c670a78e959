import type { CommonRequest, PaintRequest, SingleRequest } from '../request/paint-request.js';
import { type Given, readTyped, type TypedName } from '../request/parameters.js';
import { samplerOf } from '../request/samplers.js';
import { withAlternatives } from '../request/varied.js';
import type { Notice } from '../text/notice.js';
import { unskipped } from './ignored.js';

/** The parameters that also have a meaning where a picture gives the shape, and its making the model. */
export const FROM_PICTURE = [
  ...['ar', 'no', 'seed', 'steps', 'scale', 'sampler', 'count', 'speed', 'strength', 'tile'],
] as readonly TypedName[];

/** Where it is known how many pictures come of it. */
export const COUNTED = FROM_PICTURE.filter((name) => name !== 'count');

/** Options that have another name than their parameter. */
const OPTIONS: Partial<Record<TypedName, string>> = { ar: 'aspect', no: 'negative' };

interface Options {
  getString(name: string): string | null;
  getInteger(name: string): number | null;
  getNumber(name: string): number | null;
  getBoolean(name: string): boolean | null;
  get(name: string): { readonly value?: unknown } | null;
}

/**
 * A command's options, and what was typed at the end of its prompt where an option was left out. An option wins over what
 * was typed, and its author is told; negative prompts are joined.
 */
export class TypedOptions {
  /** Without what was taken off its end; null if there was none. */
  readonly prompt: string | null;
  readonly given: Given;
  readonly notices: readonly Notice[];
  readonly #options: Options;

  /** @throws Refusal as {@link readTyped} */
  constructor(options: Options, accepted?: readonly TypedName[]) {
    const typed = options.getString('prompt');
    const { prompt, given } = readTyped(typed ?? '', accepted);
    const lost = (Object.keys(given) as TypedName[]).filter((name) => {
      const option = options.get(OPTIONS[name] ?? name)?.value ?? null;
      return name !== 'no' && option !== null && option !== given[name];
    });
    this.prompt = typed === null ? null : prompt;
    this.given = Object.fromEntries(Object.entries(given).filter(([name]) => !lost.includes(name as TypedName)));
    this.notices = lost.map((name) => ignoredFor(name));
    this.#options = options;
  }

  string(name: 'model' | 'sampler' | 'style' | 'speed' | 'tile'): string | null {
    return this.#options.getString(name) ?? this.given[name] ?? null;
  }

  whole(name: 'count' | 'steps' | 'seed' | 'variation_seed'): number | null {
    return this.#options.getInteger(name) ?? this.given[name] ?? null;
  }

  number(name: 'scale' | 'strength' | 'variation_strength'): number | null {
    return this.#options.getNumber(name) ?? this.given[name] ?? null;
  }

  flag(name: 'hidden' | 'spoiler'): boolean | null {
    return this.#options.getBoolean(name) ?? this.given[name] ?? null;
  }

  get negative(): string | null {
    return joinedWords(this.#options.getString('negative'), this.given.no) || null;
  }

  /** Whether an option was given or typed. */
  has(option: string): boolean {
    const names = Object.keys(this.given) as TypedName[];
    return this.#options.get(option) !== null || names.some((name) => (OPTIONS[name] ?? name) === option);
  }
}

/** A notice that something else, said more plainly, counts. */
export function ignoredFor(name: TypedName): Notice {
  return {
    text: `"--${name}" was ignored: the option or field for it says something else.`,
    meaning: { code: 'typedIgnored', values: { parameter: `--${name}` } },
  };
}

/** What was typed, for a request that has all else. @throws Refusal if there is no such sampler. */
export function overridden<T extends PaintRequest>(request: T, given: Given): T {
  const { no, sampler, steps, scale, speed, tile } = given;
  const over: Partial<CommonRequest> = {
    ...(no && { negative: joinedWords(request.negative, no) }),
    ...(sampler && { sampler: samplerOf(sampler, request.sampler) }),
    ...(steps !== undefined && { steps }),
    ...(scale !== undefined && { scale }),
    ...(speed && { speed }),
    ...(tile && { tile }),
  };
  return { ...request, ...over };
}

/** In a form that asks for words alone, for a picture that has all else. */
const IN_FORM: readonly TypedName[] = ['no', 'seed', 'steps', 'scale', 'sampler', 'speed', 'strength'];

/**
 * The request with another prompt, as typed into a form, and what was typed at its end; and what of that has no effect.
 *
 * @throws Refusal as {@link readTyped} and {@link withAlternatives}
 */
export function reworded(request: SingleRequest, typed: string): { request: SingleRequest; notices: Notice[] } {
  // What comes back as it was shown has been read before: braces that are in it are words.
  if (typed.trim() === request.prompt.trim()) return { request, notices: [] };
  const { prompt, given } = readTyped(typed.trim(), IN_FORM);
  const { seed = request.seed, strength } = given;
  const template = prompt === request.prompt ? request.template : undefined;
  const asked = overridden({ ...request, prompt, template, seed, ...(strength !== undefined && { strength }) }, given);
  return { request: withAlternatives(asked, 'all'), notices: unskipped(given.speed, asked) };
}

function joinedWords(...texts: (string | null | undefined)[]): string {
  return texts.filter((text) => text?.trim()).join(', ');
}
