/** The part that we use, since the package's own types do not resolve in ECMAScript modules (0.2.0: paths without extension). */
declare module '@huggingface/tokenizers' {
  export class BPE {
    constructor(config: {
      type: 'BPE';
      vocab: Record<string, number>;
      merges: [string, string][];
      end_of_word_suffix: string;
    });
    readonly tokens_to_ids: Map<string, number>;
    /** By id. */
    readonly vocab: string[];
    /** Tokens of one word, whose bytes are written as letters. */
    bpe(word: string): string[];
  }

  export class WordPiece {
    constructor(config: {
      type: 'WordPiece';
      vocab: Record<string, number>;
      unk_token: string;
      continuing_subword_prefix: string;
      max_input_chars_per_word: number;
    });
    readonly tokens_to_ids: Map<string, number>;
    /** By id. */
    readonly vocab: string[];
    /** Tokens of words. */
    encode(words: string[]): string[];
  }
}
