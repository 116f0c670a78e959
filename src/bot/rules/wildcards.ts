import { Refusal } from '../text/refusal.js';
import type { Wildcards } from './settings.js';

/** Most lists per guild: as many as autocompletion can show. */
export const MAX_LISTS = 25;
export const MAX_LIST_NAME = 32;
/** Characters of all entries of a list. */
export const MAX_ENTRIES_TEXT = 3000;

/** Ends as a name in a prompt ends, before its underscores. Vowel signs are parts of letters. */
const NAME = /^[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}_./ -]*[\p{L}\p{M}\p{N}])?$/u;

/**
 * A guild's lists with one added, changed, or without its entries removed. A name may be typed as it stands in prompts,
 * `__animal__`; entries are parted by commas, or where a semicolon is among them by those alone.
 *
 * @throws Refusal
 */
export function changedList(
  lists: readonly Wildcards[],
  typed: string,
  entries: string | null,
): {
  readonly lists: Wildcards[];
  readonly name: string;
  readonly what: 'added' | 'changed' | 'removed';
  readonly count: number;
} {
  const name = typed
    .trim()
    .replace(/^_+|_+$/g, '')
    .normalize('NFC')
    .toLowerCase();
  const others = lists.filter((list) => list.name !== name);
  const known = others.length < lists.length;
  if (entries === null) {
    if (!known) throw new Refusal('noWildcard', { wildcard: name });
    return { lists: others, name, what: 'removed', count: 0 };
  }
  if (!NAME.test(name) || name.includes('__') || name.includes('..')) throw new Refusal('wildcardName');
  const parts = entries.split(/[;；\n]/.test(entries) ? /[;；\n]/ : /[,，、]/);
  const kept = [...new Set(parts.map((part) => part.trim()).filter(Boolean))];
  if (kept.length === 0) throw new Refusal('wildcardEmpty');
  if (others.length >= MAX_LISTS) throw new Refusal('tooManyWildcards', { limit: MAX_LISTS });
  return { lists: [...others, { name, entries: kept }], name, what: known ? 'changed' : 'added', count: kept.length };
}
