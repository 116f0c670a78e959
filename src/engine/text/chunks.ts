import type { ParsedPrompt } from './prompt.js';
import type { Tokenizer } from './tokenizer.js';

/** What the text encoder reads at once: begin, text, end and padding, `maxTokens` in all. */
export interface Chunk {
  readonly ids: Int32Array;
  /** One per token; begin, end and padding have 1. */
  readonly weights: Float32Array;
}

/** A comma in the last part of a full chunk is a better place to break: 20 of CLIP's 75 tokens, as AUTOMATIC1111. */
const LOOK_BACK = 20 / 75;

/**
 * Cuts a prompt of any length into chunks of `maxTokens`, as AUTOMATIC1111 does: a chunk that is full is broken after a comma
 * not far back, every BREAK begins a new one, and an embedding is not cut in two. An empty prompt is one empty chunk.
 */
export function chunksOf(tokenizer: Tokenizer, { blocks }: ParsedPrompt, maxTokens: number): Chunk[] {
  const room = maxTokens - 2;
  const lookBack = Math.round(room * LOOK_BACK);
  const commas = tokenizer.encode(',');
  const chunks: Chunk[] = [];
  blocks.forEach((spans, block) => {
    let pending: { id: number; weight: number }[] = [];
    for (const { text, weight } of spans) {
      // An embedding stays whole if a chunk can hold it at all.
      const pieces = tokenizer.pieces(text).flatMap((ids) => (ids.length > room ? ids.map((id) => [id]) : [ids]));
      for (const ids of pieces) {
        if (pending.length === room) {
          const comma = pending.findLastIndex((token) => commas.includes(token.id));
          const breakNear = comma >= 0 && room - comma <= lookBack && !commas.includes(ids[0]!);
          const end = breakNear ? comma + 1 : room;
          chunks.push(padded(tokenizer, pending.slice(0, end), maxTokens));
          pending = pending.slice(end);
        }
        if (pending.length + ids.length > room) {
          chunks.push(padded(tokenizer, pending, maxTokens));
          pending = [];
        }
        for (const id of ids) pending.push({ id, weight });
      }
    }
    // BREAK at the end of a prompt adds nothing.
    const wanted = pending.length > 0 || chunks.length === 0 || block < blocks.length - 1;
    if (wanted) chunks.push(padded(tokenizer, pending, maxTokens));
  });
  return chunks;
}

function padded(tokenizer: Tokenizer, tokens: readonly { id: number; weight: number }[], maxTokens: number): Chunk {
  const ids = new Int32Array(maxTokens).fill(tokenizer.pad);
  ids.set([tokenizer.begin, ...tokens.map((token) => token.id), tokenizer.end]);
  const weights = new Float32Array(maxTokens).fill(1);
  weights.set(
    tokens.map((token) => token.weight),
    1,
  );
  return { ids, weights };
}
