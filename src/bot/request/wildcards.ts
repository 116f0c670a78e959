import { Mt19937 } from '../../engine/random/mt19937.js';
import { beginning } from '../text/cut.js';
import { Alternatives } from './alternatives.js';
import { MAX_WORDS } from './bounds.js';

/** Entries by the names of their lists, in lower case: `animals/birds`. */
export type WildcardLists = ReadonlyMap<string, readonly string[]>;

/** Lists in lists in lists. */
const MAX_DEPTH = 8;
/** Entries that are put into one prompt. */
const MAX_ENTRIES = 100;

const WILDCARD = /__(?!_)([\p{L}\p{M}\p{N}_ .*/-]*?[\p{L}\p{M}\p{N}.*])__/gu;

/** The names of the lists that a prompt asks for, each once, as they were typed. */
export function wildcardsIn(prompt: string): string[] {
  return [...new Set([...prompt.matchAll(WILDCARD)].map(([, name]) => name!))];
}

/** The lists that a name stands for: one, or with `*` for any letters all that fit. */
export function listsNamed(name: string, lists: WildcardLists): string[] {
  const wanted = name.normalize('NFC').toLowerCase();
  if (!wanted.includes('*')) return lists.has(wanted) ? [wanted] : [];
  const pieces = wanted.split(/\*+/);
  return [...lists.keys()].filter((list) => fits(list, pieces));
}

/**
 * Puts an entry of its list in the place of each `__name__`, as sd-dynamic-prompts does: one that has wildcards or
 * `{a|b}` itself becomes one of what it may be. The same seed chooses the same entries. Names without a list stay as they
 * are, and so does what would never end.
 */
export function filled(prompt: string, lists: WildcardLists, seed: number): string {
  const random = new Mt19937(seed);
  const below = (limit: number) => Math.floor((random.uint32() / 2 ** 32) * limit);
  let entries = 0;
  const fill = (text: string, depth: number): string =>
    text.replace(WILDCARD, (typed: string, name: string) => {
      const from = listsNamed(name, lists).flatMap((list) => lists.get(list)!);
      if (from.length === 0 || depth === MAX_DEPTH || ++entries > MAX_ENTRIES) return typed;
      const entry = from[below(from.length)]!;
      const [chosen] = new Alternatives(entry).some(1, random.uint32());
      return beginning(fill(chosen!, depth + 1), MAX_WORDS + 1);
    });
  return fill(prompt, 0);
}

/** What a wildcard may become, and a prompt with it. */
export interface Filling {
  readonly entry: string;
  readonly prompt: string;
}

/** Most alternatives of one entry that are told apart. */
const MOST_ALIKE = 20;

/**
 * The prompt with each thing that one of its wildcards may become, the others left as they were typed. Lists that contain
 * each other make more than anybody can wait for: take as many as you need.
 */
export function* fillings(prompt: string, lists: WildcardLists, depth = 0): Generator<Filling, void> {
  for (const name of wildcardsIn(prompt)) {
    for (const entry of listsNamed(name, lists).flatMap((list) => lists.get(list)!)) {
      for (const chosen of new Alternatives(entry).some(MOST_ALIKE, 0)) {
        const inner = depth + 1 < MAX_DEPTH ? fillings(chosen, lists, depth + 1) : [];
        let nested = false;
        for (const { prompt: words } of inner) {
          nested = true;
          yield { entry: words, prompt: prompt.replaceAll(`__${name}__`, () => words) };
        }
        if (!nested) yield { entry: chosen, prompt: prompt.replaceAll(`__${name}__`, () => chosen) };
      }
    }
  }
}

/** Letters in order, with anything between the pieces. */
function fits(name: string, pieces: readonly string[]): boolean {
  const [first, ...others] = pieces as [string, ...string[]];
  const last = others.pop()!;
  if (!name.startsWith(first) || !name.endsWith(last)) return false;
  let at = first.length;
  for (const piece of others) {
    const found = name.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return at <= name.length - last.length;
}

/** The entries in a file's text: a line each, without blanks around; empty lines and those that begin with # are none. */
export function entriesOf(text: string): string[] {
  return text
    .replace(/^\ufeff/, '')
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}
