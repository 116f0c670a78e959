import pluralize from 'pluralize';
import { fixText } from '../../engine/text/fix-text.js';
import { parsePrompt } from '../../engine/text/prompt.js';
import { alike, disguised, folded, looks, visible } from './look-alikes.js';

interface Blocked {
  /** As the guild wrote it. */
  readonly word: string;
  /** One word or several separated by blanks, singular and plural. A `*` at either end of one stands for any letters. */
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
 * An asterisk at an end stands for the rest of the word, as in Discord's AutoMod (documentation, "Auto Moderation",
 * keyword matching strategies): `gun*` is found in `gunfire`, `*gun` in `handgun`, `*gun*` in both.
 */
export class BlockedWords {
  readonly #blocked: readonly Blocked[];

  constructor(words: readonly string[]) {
    this.#blocked = words.map(blocked);
  }

  /** @returns the first one in a prompt. @throws RequestError for a malformed tag. */
  in(prompt: string): string | undefined {
    return this.allIn(prompt).next().value;
  }

  /** @returns all that are in a prompt, as the guild wrote them. @throws RequestError for a malformed tag. */
  *allIn(prompt: string): Generator<string, undefined> {
    if (this.#blocked.length === 0) return;
    const texts = [
      ...new Set(readings(prompt).flatMap((text) => [text, visible(text), visible(text.normalize('NFKC'))])),
    ];
    const written = new Words(texts, texts);
    // Single words only match look-alikes if they are disguised: "mall" is not "mail".
    const words = texts.map((text) => disguised(text).join(' '));
    const seen = new Words(
      words.map(folded),
      texts.map((text) => folded(looks(text))),
    );
    // Where a pattern ends between r and n, those two are no m.
    const letters = new Words(words.map(alike), []);
    const lower = texts.map((text) => text.toLowerCase());
    const isIn = (form: string) =>
      written.has(form) || seen.has(folded(form)) || (isPattern(form) && letters.has(alike(form)));
    for (const { word, forms, anywhere } of this.#blocked) {
      if (forms.some(isIn) || (anywhere !== undefined && lower.some((text) => text.includes(anywhere)))) yield word;
    }
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
    if (!isPattern(form)) return form.includes(' ') ? this.#isRow(` ${form} `) : this.#single.has(form);
    if (form.includes(' ')) return this.#isRow(rowOf(form));
    const [, before, inner, after] = /^(\*?)([^*]*)(\*?)$/.exec(form)!;
    for (const word of this.#single) {
      if (before && after ? word.includes(inner!) : before ? word.endsWith(inner!) : word.startsWith(inner!))
        return true;
    }
    return false;
  }

  #isRow(row: string | RegExp): boolean {
    return this.#rows.some((words) => (typeof row === 'string' ? words.includes(row) : row.test(words)));
  }
}

function isPattern(form: string): boolean {
  return form.includes('*');
}

/** What finds several words of which some are patterns. Forms have no other characters with a meaning. */
function rowOf(form: string): RegExp {
  return new RegExp(` ${form.replaceAll('*', '[^ ]*')} `, 'u');
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
    const joined = spans.map((block) => block.join('')).join('\n');
    return [
      joined,
      inWords(joined),
      [...spans.flat(), ...loras.map(({ name }) => `${name} ${inWords(name)}`)].join(' '),
    ];
  });
}

/** `RedClown_v2` as words. */
function inWords(text: string): string {
  return text.replace(/(?<=\p{Ll})(?=\p{Lu})/gu, ' ');
}

/** Scripts without blanks between words. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/** Not only letters and characters that may stand between them: split into words, it would be another word. */
const WITH_MARKS = /[^\p{L}\p{M}\p{N}\s'’_.-]/u;

/** Asterisks at the ends of words. One in the middle, as in `f*ck`, is a character like any other. */
const WILD = /(?<=^|\s)\*+(?=[^\s*])|(?<=[^\s*])\*+(?=\s|$)/gu;

/** Asterisks that no word is joined to say nothing. */
const ALONE = /(?<=^|\s)\*+(?=\s|$)/gu;

/** Letters or figures that a pattern must have: `a*` would refuse nearly everything. */
const SHORTEST = 2;

/** Whether it is a pattern that fits too many words. */
export function isTooWide(word: string): boolean {
  const { forms, anywhere } = blocked(word);
  const wild = forms.find(isPattern);
  return wild !== undefined && anywhere === undefined && wild.replace(/[* ]/g, '').length < SHORTEST;
}

function blocked(word: string): Blocked {
  const lower = visible(fixText(word)).toLowerCase();
  const text = lower.replace(ALONE, ' ').trim() || lower.trim();
  const plain = text.replace(WILD, '');
  if (WITH_MARKS.test(plain) || wordsOf(plain).length === 0) return { word, forms: [], anywhere: plain || word };
  const words = text.split(/\s+/).flatMap(wildWords);
  const before = words.slice(0, -1);
  const forms = wildFormsOf(words.at(-1)!).map((last) => [...before, last].join(' '));
  return UNSPACED.test(plain) ? { word, forms, anywhere: plain } : { word, forms };
}

/** What stands between two blanks, as words; its asterisks stay at the first and the last of them. */
function wildWords(piece: string): string[] {
  const words = wordsOf(piece);
  if (words.length === 0) return [];
  if (piece.startsWith('*')) words[0] = `*${words[0]}`;
  if (piece.endsWith('*')) words.push(`${words.pop()}*`);
  return words;
}

/** `*gun` also ends in its plural; what follows `gun*` is open anyway. */
function wildFormsOf(word: string): string[] {
  if (word.endsWith('*')) return [word];
  return word.startsWith('*') ? formsOf(word.slice(1)).map((form) => `*${form}`) : formsOf(word);
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
