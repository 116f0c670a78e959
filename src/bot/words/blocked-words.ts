import pluralize from 'pluralize';
import { fixText } from '../../engine/text/fix-text.js';
import { parsePrompt } from '../../engine/text/prompt.js';
import { disguised, folded, looks, visible } from './look-alikes.js';

interface Blocked {
  /** As the guild wrote it. */
  readonly word: string;
  /** One word or several with a blank between, singular and plural. */
  readonly forms: readonly string[];
  /** Found inside words too: what has none, such as an emoji, or is of a script without blanks between words. */
  readonly anywhere?: string;
}

/**
 * The words that a guild does not want. A prompt is read as the tokenizer will see it, without brackets, weights and tags and
 * with its characters mended, and as people see it, whatever alphabet its letters were borrowed from. Words are found
 * whole, the singular for the plural and the other way round: no `clown` is in `clownfish`, but in `clowns`.
 */
export class BlockedWords {
  readonly #blocked: readonly Blocked[];

  constructor(words: readonly string[]) {
    this.#blocked = words.map(blocked);
  }

  /** @returns the first one that is in a prompt. @throws RequestError for a tag that cannot be read. */
  in(prompt: string): string | undefined {
    if (this.#blocked.length === 0) return undefined;
    const texts = [
      ...new Set(readings(prompt).flatMap((text) => [text, visible(text), visible(text.normalize('NFKC'))])),
    ];
    const written = new Words(texts, texts);
    // A single word must be in disguise to be taken for another: "mall" is no "mail".
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

  /** @param single where one word is looked for. @param rows where several are. */
  constructor(single: readonly string[], rows: readonly string[]) {
    this.#single = new Set(single.flatMap(wordsOf));
    this.#rows = rows.map((text) => ` ${wordsOf(text).join(' ')} `);
  }

  has(form: string): boolean {
    return form.includes(' ') ? this.#rows.some((row) => row.includes(` ${form} `)) : this.#single.has(form);
  }
}

/** As the tokenizer cuts them, except that a number is one word and that vowel signs stay with their letters. */
function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/(?:\p{L}\p{M}*)+|\p{N}+/gu) ?? [];
}

/** What a prompt says, in more than one way: a weight tears a word in two for the model, but not for a reader. */
function readings(prompt: string): string[] {
  const { blocks, loras } = parsePrompt(prompt);
  // A mark of HTML keeps entities as they are, unless the tokenizer takes it out first.
  return [(text: string) => text, (text: string) => text.replaceAll('<', ' ')].flatMap((read) => {
    const spans = blocks.map((block) => block.map(({ text }) => fixText(read(text))));
    return [spans.map((block) => block.join('')).join('\n'), [...spans.flat(), ...loras.map(inWords)].join(' ')];
  });
}

/** `RedClown_v2` in words. */
function inWords({ name }: { readonly name: string }): string {
  return `${name} ${name.replace(/(?<=\p{Ll})(?=\p{Lu})/gu, ' ')}`;
}

/** Scripts without blanks between words. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/** More than letters and what may stand between them: cut into words it would be another word. */
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
  // Not every s at an end is a plural's.
  const isPlural = singular.length > 2 && pluralize.plural(singular) === word;
  return [...new Set([word, pluralize.plural(word), ...(isPlural ? [singular] : []), ...accented(word)])];
}

/** The forms of words that end with an accent, which the library leaves alone: café, cafés. */
function accented(word: string): string[] {
  const [, stem, s] = /^(.+(?=\P{ASCII})\p{Script=Latin})(s?)$/u.exec(word) ?? [];
  return stem === undefined ? [] : [s ? stem : `${stem}s`];
}
