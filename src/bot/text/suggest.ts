import { cut, lengthOf } from './cut.js';
import { oneLine } from './quote.js';

interface Choice {
  name: string;
  value: string;
}

/** Discord's limit for the characters of a choice (documentation, "Application Command Option Choice Structure"). */
export const LONGEST_CHOICE = 100;

/** Choices whose value is their name. Cut short they would mean something else, so longer ones are left out. */
export function named(names: readonly string[]): Choice[] {
  return names.filter((name) => lengthOf(name) <= LONGEST_CHOICE).map((name) => ({ name, value: name }));
}

/**
 * The choices that match the typed text, those that start with it first; Discord shows 25, of at most 100 characters.
 * Longer values are left out, since cut short they would mean something else.
 */
export function suggest(choices: readonly Choice[], typed: string): Choice[] {
  const wanted = typed.toLowerCase();
  const rank = ({ name, value }: Choice) =>
    Math.min(...[name, value].map((text) => text.toLowerCase().indexOf(wanted)).map((at) => (at < 0 ? 1000 : at)));
  return choices
    .filter((choice) => lengthOf(choice.value) <= LONGEST_CHOICE && rank(choice) < 1000)
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, 25)
    .map(({ name, value }) => ({ name: cut(oneLine(name), LONGEST_CHOICE) || value, value }));
}
