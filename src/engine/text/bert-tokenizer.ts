import { WordPiece } from '@huggingface/tokenizers';
import { CheckpointError } from '../errors.js';
import type { WordPieceFiles } from '../model.js';
import { readWhole } from '../regular-file.js';
import { anyOf, Tokenizer } from './tokenizer.js';

const SPECIAL = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'] as const;
const CONTINUES = '##';

/** BERT's own file has a quarter of a megabyte. */
const MAX_BYTES = 32 * 2 ** 20;

/**
 * BERT's uncased word pieces (Devlin et al. 2018), token for token what transformers' BertTokenizerFast makes
 * (tokenizers 0.23, BertNormalizer and BertPreTokenizer): cleaned, without accents, lower case, split at blanks and
 * punctuation, then each word by its longest pieces. The LAION-400M model reads prompts so.
 */
export class BertTokenizer extends Tokenizer {
  readonly begin: number;
  readonly end: number;
  readonly pad: number;
  readonly #model: WordPiece;
  readonly #special: ReadonlyMap<string, readonly number[]>;
  readonly #specialPattern: RegExp;

  private constructor(vocab: Record<string, number>, words: Iterable<[string, readonly number[]]>) {
    super();
    this.#model = new WordPiece({
      type: 'WordPiece',
      vocab,
      unk_token: '[UNK]',
      continuing_subword_prefix: CONTINUES,
      max_input_chars_per_word: 100,
    });
    this.begin = vocab['[CLS]']!;
    this.end = vocab['[SEP]']!;
    this.pad = vocab['[PAD]']!;
    this.#special = new Map([...SPECIAL.map((token) => [token, [vocab[token]!]] as const), ...words]);
    this.#specialPattern = anyOf(this.#special.keys(), 'u');
  }

  /** @throws CheckpointError when the file cannot be read or lacks a special token. */
  static async open({ wordPieces, words = new Map() }: WordPieceFiles): Promise<BertTokenizer> {
    const text = await readWhole(wordPieces, MAX_BYTES).catch((cause) => {
      throw new CheckpointError(`${wordPieces} cannot be read: ${cause.message}. The tokenizer needs it.`, { cause });
    });
    const tokens = text.toString().trimEnd().split(/\r?\n/);
    const vocab = Object.fromEntries(tokens.map((token, id) => [token, id]));
    for (const token of SPECIAL) {
      if (token in vocab) continue;
      throw new CheckpointError(
        `${wordPieces} is not BERT's vocabulary: it lacks the token "${token}". Take vocab.txt from where it was published.`,
      );
    }
    return new BertTokenizer(vocab, words);
  }

  /** Special tokens are found as they are written, also inside a word, before anything else. */
  pieces(text: string): (readonly number[])[] {
    return text.split(this.#specialPattern).flatMap((part) => {
      const special = this.#special.get(part);
      if (special) return [special];
      return this.#model.encode(wordsOf(part)).map((token) => [this.#model.tokens_to_ids.get(token)!]);
    });
  }

  decode(ids: readonly number[]): string {
    const tokens = ids.map((id) => this.#model.vocab[id] ?? '');
    return tokens.join(' ').replaceAll(` ${CONTINUES}`, '').trim();
  }

  nameOf(id: number): string {
    return [...this.#special].find(([, ids]) => ids.includes(id))?.[0] ?? this.decode([id]);
  }
}

/** Control, format and private characters vanish, but not the white space among them that everybody types. */
const VANISHING = /(?![\t\n\r])[\0\uFFFD\p{Cc}\p{Cf}\p{Co}]/gu;

/** The blocks that BERT's authors listed, in tokenizers' transcription, which begins one of them 256 later (U+2B920). */
const IDEOGRAPH =
  /[\u4E00-\u9FFF\u3400-\u4DBF\u{20000}-\u{2A6DF}\u{2A700}-\u{2B73F}\u{2B740}-\u{2B81F}\u{2B920}-\u{2CEAF}\uF900-\uFAFF\u{2F800}-\u{2FA1F}]/gu;

/** Every mark by itself: ASCII's, also those that Unicode counts as symbols, and Unicode's punctuation. */
const WORD = /[!-/:-@[-`{-~\p{P}]|(?:(?![!-/:-@[-`{-~\p{P}])[^\p{White_Space}])+/gu;

function wordsOf(text: string): string[] {
  const apart = text.replace(VANISHING, '').replace(IDEOGRAPH, ' $& ');
  const bare = apart.normalize('NFD').replace(/\p{Mn}/gu, '');
  // Letter by letter, since a string's last sigma would become another letter.
  const lower = Array.from(bare, (letter) => letter.toLowerCase()).join('');
  return lower.match(WORD) ?? [];
}
