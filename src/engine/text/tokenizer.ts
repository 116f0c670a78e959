/** Tokens [maxTokens] as the text encoder takes them, and what did not fit. */
export interface Tokens {
  readonly ids: Int32Array;
  /** The end of the text that was left out, in the tokenizer's lower case; empty when all of it fits. */
  readonly cut: string;
}

/** Turns a text into the token ids that a text encoder was trained on. */
export abstract class Tokenizer {
  abstract readonly begin: number;
  abstract readonly end: number;
  /** Fills a text up. */
  abstract readonly pad: number;

  /** Ids of a text, without begin and end; those of one embedding are kept together, every other id is alone. */
  abstract pieces(text: string): (readonly number[])[];
  /** The text of token ids, as far as it can be recovered: lower case, words separated by a space. */
  abstract decode(ids: readonly number[]): string;
  /** The text of an id: a token of the vocabulary, or a word that was added to it. */
  abstract nameOf(id: number): string;

  /** Ids of a text, without begin and end. */
  encode(text: string): number[] {
    return this.pieces(text).flat();
  }

  /** Begin, the text's ids, end; cut or padded to `maxTokens`. */
  tokenize(text: string, maxTokens: number): Tokens {
    const all = this.encode(text);
    const kept = all.slice(0, maxTokens - 2);
    const ids = new Int32Array(maxTokens).fill(this.pad);
    ids.set([this.begin, ...kept, this.end]);
    return { ids, cut: this.decode(all.slice(kept.length)) };
  }
}

/** Finds the first of some texts, the longest where several begin at one place, as a group that `split` keeps. */
export function anyOf(texts: Iterable<string>, flags: string): RegExp {
  const longestFirst = [...texts].sort((a, b) => b.length - a.length);
  return new RegExp(`(${longestFirst.map((text) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|')})`, flags);
}
