import pluralize from 'pluralize';
import { fixText } from '../../engine/text/fix-text.js';
import { parsePrompt } from '../../engine/text/prompt.js';
import { disguised, folded, looks, visible } from './look-alikes.js';

interface Blocked {
  /** As the guild wrote it. */
  readonly word: string;
  /** One word or several separated by blanks, singular and plural. */
  readonly forms: readonly string[];
  /**
   * Also found inside words: set if it has no letters, such as an emoji, or is in a script without blanks between
   * words.
   */
  readonly anywhere?: string;
}

/**
 * The words that a guild has blocked. Prompts are read both as the tokenizer sees them, without brackets, weights and
 * tags and with broken characters repaired, and as people see them, whichever alphabet their letters come from. Words
 * only match as a whole, but singular and plural match each other: `clown` is found in `clowns` but not in `clownfish`.
 */
export class BlockedWords {
  readonly #blocked: readonly Blocked[];

  constructor(words: readonly string[]) {
    this.#blocked = words.map(blocked);
  }

  /** @returns the first one in a prompt. @throws RequestError for a malformed tag. */
  in(prompt: string): string | undefined {
    if (this.#blocked.length === 0) return undefined;
    const texts = [
      ...new Set(readings(prompt).flatMap((text) => [text, visible(text), visible(text.normalize('NFKC'))])),
    ];
    const written = new Words(texts, texts);
    // Single words only match look-alikes if they are disguised: "mall" is not "mail".
    const seen = new Words(
      texts.map((text) => disguised(text).join(' ')),
      texts.map((text) => folded(looks(text))),
    );
    const lower = texts.map((text) => text.toLowerCase());
    const found = this.#blocked.find(
      ({ forms, anywhere }) =>
        forms.some((form) => written.has(form) || seen.has(folded(form))) ||
        (anywhere !== undefined && lower.some((text) => text.includes(anywhere))),
    );
    return found?.word;
  }
}

class Words {
  readonly #single: ReadonlySet<string>;
  readonly #rows: readonly string[];

  /** @param single if one word is looked for. @param rows if several are. */
  constructor(single: readonly string[], rows: readonly string[]) {
    this.#single = new Set(single.flatMap(wordsOf));
    this.#rows = rows.map((text) => ` ${wordsOf(text).join(' ')} `);
  }

  has(form: string): boolean {
    return form.includes(' ') ? this.#rows.some((row) => row.includes(` ${form} `)) : this.#single.has(form);
  }
}

/** As the tokenizer splits text, except that a number is one word and vowel signs stay with their letters. */
function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/(?:\p{L}\p{M}*)+|\p{N}+/gu) ?? [];
}

/** The ways to read a prompt: a weight splits a word in two for the model, but not for a reader. */
function readings(prompt: string): string[] {
  const { blocks, loras } = parsePrompt(prompt);
  // HTML markup keeps entities as they are, unless the tokenizer removes it first.
  return [(text: string) => text, (text: string) => text.replaceAll('<', ' ')].flatMap((read) => {
    const spans = blocks.map((block) => block.map(({ text }) => fixText(read(text))));
    return [spans.map((block) => block.join('')).join('\n'), [...spans.flat(), ...loras.map(inWords)].join(' ')];
  });
}

/** `RedClown_v2` as words. */
function inWords({ name }: { readonly name: string }): string {
  return `${name} ${name.replace(/(?<=\p{Ll})(?=\p{Lu})/gu, ' ')}`;
}

/** Scripts without blanks between words. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/** Not only letters and characters that may stand between them: split into words, it would be another word. */
const WITH_MARKS = /[^\p{L}\p{M}\p{N}\s'’_.-]/u;

function blocked(word: string): Blocked {
  const text = visible(fixText(word)).toLowerCase().trim();
  const words = wordsOf(text);
  if (words.length === 0 || WITH_MARKS.test(text)) return { word, forms: [], anywhere: text || word };
  const before = words.slice(0, -1);
  const forms = formsOf(words.at(-1)!).map((last) => [...before, last].join(' '));
  return UNSPACED.test(text) ? { word, forms, anywhere: text } : { word, forms };
}

function formsOf(word: string): string[] {
  const singular = pluralize.singular(word);
  // Not every final s marks a plural.
  const isPlural = singular.length > 2 && pluralize.plural(singular) === word;
  return [...new Set([word, pluralize.plural(word), ...(isPlural ? [singular] : []), ...accented(word)])];
}

/** The forms of words with a final accent, which the library does not know: café, cafés. */
function accented(word: string): string[] {
  const [, stem, s] = /^(.+(?=\P{ASCII})\p{Script=Latin})(s?)$/u.exec(word) ?? [];
  return stem === undefined ? [] : [s ? stem : `${stem}s`];
}
