import { BPE } from '@huggingface/tokenizers';
import { z } from 'zod';
import { CheckpointError } from '../errors.js';
import type { BytePairFiles } from '../model.js';
import { readWhole } from '../regular-file.js';
import { fixText } from './fix-text.js';
import { anyOf, Tokenizer } from './tokenizer.js';

const BEGIN = '<|startoftext|>';
const END = '<|endoftext|>';
const WORD_END = '</w>';

/** Merges that CLIP uses: OpenAI's file has more. With 512 bytes and the two tokens above they make 49408. */
const MAX_MERGES = 49408 - 512 - 2;

/** CLIP's own files have one megabyte. */
const MAX_BYTES = 32 * 2 ** 20;

/**
 * CLIP's byte-pair encoding (Radford et al. 2021): cleaned by ftfy's rules, white space collapsed, lower case, split into
 * words, and each word's bytes merged. Token for token what transformers' CLIPTokenizer makes where ftfy is installed.
 */
export class ClipTokenizer extends Tokenizer {
  readonly begin: number;
  readonly end: number;
  /** The end token again, but `!` in Stable Diffusion 2.x. */
  readonly pad: number;
  readonly #bpe: BPE;
  readonly #ids: ReadonlyMap<string, number>;
  /** Texts that are taken out before the rest is cleaned, in lower case. */
  readonly #special: ReadonlyMap<string, readonly number[]>;
  readonly #specialPattern: RegExp;
  /** Embeddings by the first word of their names, those with more words first. */
  readonly #embeddings = new Map<string, { name: readonly string[]; ids: readonly number[] }[]>();

  private constructor(
    vocab: Record<string, number>,
    merges: [string, string][],
    words: ReadonlyMap<string, number[]>,
    pad: string,
  ) {
    super();
    this.#bpe = new BPE({ type: 'BPE', vocab, merges, end_of_word_suffix: WORD_END });
    this.#ids = this.#bpe.tokens_to_ids;
    this.begin = vocab[BEGIN]!;
    this.end = vocab[END]!;
    this.pad = vocab[pad] ?? this.end;
    const special = new Map<string, readonly number[]>([
      [BEGIN, [this.begin]],
      [END, [this.end]],
    ]);
    for (const [text, ids] of words) {
      const name = wordsOf(text);
      // A mark at an end would run together with a comma that follows, and be another word.
      if (BORDERED.test(text) && name.length > 0) {
        this.#embeddings.set(name[0]!, [...(this.#embeddings.get(name[0]!) ?? []), { name, ids }]);
      } else special.set(text.toLowerCase(), ids);
    }
    for (const alike of this.#embeddings.values()) alike.sort((a, b) => b.name.length - a.name.length);
    this.#special = special;
    this.#specialPattern = anyOf(special.keys(), 'iu');
  }

  /**
   * @param files.words texts for tokens beyond the vocabulary: the placeholders of textual inversion, each with the
   *   ids of its vectors. They are found in any case and the longest first, as AUTOMATIC1111 finds them
   *   (textual_inversion.py, find_embedding_at_position), but as whole words only: its tokens may end a word.
   * @throws CheckpointError when a file cannot be read or is not of CLIP's kind.
   */
  static async open(files: BytePairFiles): Promise<ClipTokenizer> {
    const { merges, vocab } = await readPairs(files);
    for (const token of [BEGIN, END, ...BYTE_LETTERS]) {
      if (!(token in vocab)) throw notClip(files.vocab ?? files.merges, `it lacks the token "${token}"`);
    }
    return new ClipTokenizer(vocab, merges, files.words ?? new Map(), files.pad ?? END);
  }

  pieces(text: string): (readonly number[])[] {
    return text.split(this.#specialPattern).flatMap((part) => {
      const special = this.#special.get(part.toLowerCase());
      return special ? [special] : this.#piecesOf(wordsOf(part));
    });
  }

  #piecesOf(words: readonly string[]): (readonly number[])[] {
    const pieces: (readonly number[])[] = [];
    for (let i = 0; i < words.length; ) {
      const found = this.#embeddings.get(words[i]!)?.find(({ name }) => name.every((word, k) => words[i + k] === word));
      if (found) pieces.push(found.ids);
      else for (const id of this.#encodeWord(words[i]!)) pieces.push([id]);
      i += found?.name.length ?? 1;
    }
    return pieces;
  }

  decode(ids: readonly number[]): string {
    const letters = ids.map((id) => this.#bpe.vocab[id] ?? '').join('');
    return letters.split(WORD_END).map(bytesToText).join(' ').trim();
  }

  nameOf(id: number): string {
    const added = [...this.#special].find(([, ids]) => ids.includes(id))?.[0];
    const learned = [...this.#embeddings.values()]
      .flat()
      .find(({ ids }) => ids.includes(id))
      ?.name.join(' ');
    return added ?? learned ?? this.decode([id]);
  }

  #encodeWord(word: string): number[] {
    // A special token in capitals is only recognised after the text was put into lower case.
    if (word === BEGIN || word === END) return [this.#ids.get(word)!];
    return this.#bpe.bpe(lettersOf(word)).map((token) => this.#ids.get(token) ?? this.end);
  }
}

/**
 * Contractions, runs of letters, single digits, runs of other marks. CLIP's pattern ignores case, so a long s is an s, and
 * the one mark that is a letter in capitals (U+0345) is neither.
 */
const WORD =
  /<\|[sſ]tartoftext\|>|<\|endoftext\|>|'[sſ]|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|(?:(?!\u0345)[^\p{White_Space}\p{L}\p{N}])+/gu;

/** A letter or number at both ends. */
const BORDERED = /^[\p{L}\p{N}](?:.*[\p{L}\p{N}])?$/su;

function wordsOf(text: string): string[] {
  return fixText(text).toLowerCase().match(WORD) ?? [];
}

/** Every byte as a printable letter, in GPT-2's order: bytes that are printable are themselves, the others start at U+0100. */
const LETTER_OF_BYTE: readonly string[] = (() => {
  const printable = (byte: number) =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);
  let others = 0;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(printable(byte) ? byte : 0x100 + others++));
})();
const BYTE_OF_LETTER = new Map(LETTER_OF_BYTE.map((letter, byte) => [letter, byte]));
/** In the vocabulary's order, which is the letters' own. */
const BYTE_LETTERS = [...LETTER_OF_BYTE].sort();

function lettersOf(word: string): string {
  return Array.from(Buffer.from(word), (byte) => LETTER_OF_BYTE[byte]).join('');
}

function bytesToText(letters: string): string {
  return Buffer.from(Array.from(letters, (letter) => BYTE_OF_LETTER.get(letter) ?? 0x3f)).toString();
}

/** The vocabulary that follows from the merges: bytes, bytes that end a word, merges, begin and end. */
function vocabOf(merges: readonly [string, string][]): Record<string, number> {
  const tokens = [
    ...BYTE_LETTERS,
    ...BYTE_LETTERS.map((letter) => letter + WORD_END),
    ...merges.map(([left, right]) => left + right),
    BEGIN,
    END,
  ];
  return Object.fromEntries(tokens.map((token, id) => [token, id]));
}

async function readPairs(files: BytePairFiles): Promise<{ merges: [string, string][]; vocab: Record<string, number> }> {
  const text = await read(files.merges);
  if (files.merges.endsWith('.json')) return parseWhole(files.merges, text);
  const merges = parseMerges(files.merges, text);
  return { merges, vocab: files.vocab ? parseVocab(files.vocab, await read(files.vocab)) : vocabOf(merges) };
}

function parseMerges(file: string, text: string): [string, string][] {
  // The first line is a version.
  const lines = text
    .trim()
    .split('\n')
    .slice(1, 1 + MAX_MERGES);
  return lines.map((line, i) => {
    const pair = line.trim().split(' ');
    if (pair.length !== 2) throw notClip(file, `line ${i + 2} is not a pair of tokens`);
    return pair as [string, string];
  });
}

const vocabJson = z.record(z.string(), z.number().int().nonnegative());

function parseVocab(file: string, text: string): Record<string, number> {
  try {
    return vocabJson.parse(JSON.parse(text));
  } catch (cause) {
    throw notClip(file, 'it is not a JSON object of tokens and ids', { cause });
  }
}

/** The tokenizers library's format: the only file in folders of transformers 5, one of three before. */
const tokenizerJson = z.looseObject({
  model: z.looseObject({
    type: z.literal('BPE'),
    end_of_word_suffix: z.literal(WORD_END),
    vocab: vocabJson,
    /** Pairs; before version 0.20 of the library, two tokens with a blank between them. */
    merges: z.array(z.union([z.tuple([z.string(), z.string()]), z.string()])),
  }),
});

function parseWhole(file: string, text: string): { merges: [string, string][]; vocab: Record<string, number> } {
  try {
    const { vocab, merges } = tokenizerJson.parse(JSON.parse(text)).model;
    return {
      vocab,
      merges: merges.map((pair) => (typeof pair === 'string' ? (pair.split(' ', 2) as [string, string]) : pair)),
    };
  } catch (cause) {
    throw notClip(file, 'its model is not a byte-pair encoding with vocabulary and merges', { cause });
  }
}

async function read(file: string): Promise<string> {
  try {
    return (await readWhole(file, MAX_BYTES)).toString();
  } catch (cause) {
    throw new CheckpointError(`${file} cannot be read: ${(cause as Error).message}. The tokenizer needs it.`, {
      cause,
    });
  }
}

function notClip(file: string, why: string, options?: ErrorOptions): CheckpointError {
  return new CheckpointError(
    `${file} is not a CLIP vocabulary: ${why}. Take the tokenizer folder from where the model was published.`,
    options,
  );
}
