import { type Entry, folded, type OptionSpec } from './command-options.js';

/** Follows an option's name; Japanese keyboards type the full-width form. */
const COLON = '[:：]';
const NAME = new RegExp(`(?<=^|\\s)([^\\s:：]+)${COLON}\\s*`, 'gu');

/** Parses a pasted `/imagine prompt: a fox seed: 5`; text before the first name goes to the first option. */
export function parseTyped(entry: Entry, text: string): Map<string, string> {
  const { before, values } = splitTyped(text, (word) => optionOf(entry, word));
  const [first] = entry.options;
  return new Map([...(before && first ? [[first.name, before] as const] : []), ...values]);
}

/**
 * The text before the first option's name, and the values after each name. @param named the option that a word names.
 */
export function splitTyped(
  text: string,
  named: (word: string) => OptionSpec | undefined,
): { before: string; values: Map<string, string> } {
  const names = [...text.matchAll(NAME)].flatMap((match) => {
    const option = named(match[1]!);
    return option ? [{ option, start: match.index, end: match.index + match[0].length }] : [];
  });
  const before = text.slice(0, names[0]?.start).trim();
  const values = names.map(
    ({ option, end }, at) => [option.name, text.slice(end, names[at + 1]?.start).trim()] as const,
  );
  return { before, values: new Map(values) };
}

/** An option by its name or its localized name. */
export function optionOf({ options }: Entry, typed: string): OptionSpec | undefined {
  const wanted = folded(typed);
  return (
    options.find(({ name }) => name === typed) ??
    options.find(({ label }) => label === typed) ??
    options.find(({ name, label }) => [name, label].some((one) => folded(one) === wanted))
  );
}

const LAST_NAME = new RegExp(`^(.*?)(?:^|\\s)(\\S+)${COLON}$`, 's');
const FIRST_NAME = new RegExp(`^([^\\s:：]+)${COLON}\\s*\\S`, 's');

/** The option whose `seed:` was just typed, and the text before it. */
export function nextOption(entry: Entry, text: string): { name: string; before: string } | null {
  const [, before, typed] = LAST_NAME.exec(text) ?? [];
  const option = typed && optionOf(entry, typed);
  return option ? { name: option.name, before: before!.trimEnd() } : null;
}

/** The options in pasted text that starts with one: `size: 512 count: 2`. Null for other text, or a name alone. */
export function leading(entry: Entry, text: string): Map<string, string> | null {
  const [, name] = FIRST_NAME.exec(text) ?? [];
  return name && optionOf(entry, name) ? parseTyped(entry, text) : null;
}
