import type { OnNotice } from '../meaning.js';
import type { ModelCard } from '../model.js';

/** Words that name nothing. */
const FUNCTION_WORDS = new Set(
  `a an and as at by for from her his in into is it its my of on one or our out over s some that the their them there these this
  those to under up with your`.split(/\s+/),
);

/** How many unknown words are named at most. */
const NAMED = 8;
/** Characters of one that is named. */
const LONGEST = 40;

/**
 * Words of a prompt that the model's card does not have, as they were typed, each once. A thing's name counts as a whole: who
 * knows a "top hat" need not know a hat. Plurals count as what they are of. None for a model that has no list.
 */
export function unknownWords(
  { knows, modifiers = [] }: Pick<ModelCard, 'knows' | 'modifiers'>,
  prompt: string,
): string[] {
  if (!knows) return [];
  const names = index([...knows, ...modifiers]);
  const words = wordsOf(prompt);
  const unknown = new Map<string, string>();
  for (let at = 0; at < words.length; ) {
    const length = longestName(names, words, at);
    if (length === 0) unknown.set(words[at]!, words[at]!.slice(0, LONGEST));
    at += Math.max(1, length);
  }
  for (const word of unknown.keys()) if (FUNCTION_WORDS.has(word)) unknown.delete(word);
  return [...unknown.values()];
}

/** A notice for a prompt that asks for something else too. */
export function unknownNotice({ name, examples }: ModelCard, unknown: readonly string[]): Parameters<OnNotice> {
  const words = [...unknown.slice(0, NAMED), ...(unknown.length > NAMED ? ['…'] : [])].join(', ');
  const some = examples.slice(0, 4).join(', ');
  return [
    `Words that ${name} does not know well, and may leave out: ${words}. Try: ${some}.`,
    { code: 'wordsUnknown', values: { model: name, words, examples: some } },
  ];
}

/** Names, word by word, by each form of their first word. */
type Names = ReadonlyMap<string, readonly (readonly string[])[]>;

function index(names: readonly string[]): Names {
  const byFirst = new Map<string, string[][]>();
  for (const name of names) {
    const words = wordsOf(name);
    for (const form of formsOf(words[0] ?? '')) byFirst.set(form, [...(byFirst.get(form) ?? []), words]);
  }
  return byFirst;
}

/** How many of the words from a place on are a name; 0 if none begins there. */
function longestName(names: Names, words: readonly string[], at: number): number {
  const begun = formsOf(words[at]!).flatMap((form) => names.get(form) ?? []);
  const lengths = begun
    .filter((name) => name.every((word, k) => isSame(word, words[at + k])))
    .map(({ length }) => length);
  return Math.max(0, ...lengths);
}

function isSame(one: string, other: string | undefined): boolean {
  if (other === undefined) return false;
  const forms = formsOf(other);
  return formsOf(one).some((form) => forms.includes(form));
}

/** A word, and what it would be the plural of. */
function formsOf(word: string): string[] {
  const endings: [RegExp, string][] = [
    [/ies$/, 'y'],
    [/(?<=sh|ch|x|s|z|o)es$/, ''],
    [/(?<=l|r|lea|kni)ves$/, 'f'],
    [/(?<!s)s$/, ''],
  ];
  if (word.length <= 3) return [word];
  return [
    word,
    ...endings.filter(([ending]) => ending.test(word)).map(([ending, instead]) => word.replace(ending, instead)),
  ];
}

function wordsOf(text: string): string[] {
  const plain = text.toLowerCase().replace(/['’]s\b/gu, '');
  return plain.match(/[\p{L}\p{M}\p{N}]+|\p{Extended_Pictographic}/gu) ?? [];
}
