import { cut, lengthOf } from './cut.js';
import { oneLine } from './quote.js';

interface Choice {
  name: string;
  value: string;
}

/** Characters that Discord takes of a choice (documentation, "Application Command Option Choice Structure"). */
export const LONGEST_CHOICE = 100;

/** Choices that are sent as they are read; cut short they would say something else, so that the longer ones are left out. */
export function named(names: readonly string[]): Choice[] {
  return names.filter((name) => lengthOf(name) <= LONGEST_CHOICE).map((name) => ({ name, value: name }));
}

/**
 * What fits what was typed, beginnings first; Discord shows 25 of at most 100 characters. A value that is longer is left out:
 * cut short it would mean something else.
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
