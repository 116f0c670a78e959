import type { GraphBuilder, Value } from './builder.js';

/** Rows q [b * n, width], rows k and v [b * m, width], and the batch as int64 [1]. */
export interface AttentionInputs {
  q: Value;
  k: Value;
  v: Value;
  batch: Value;
  width: number;
  heads: number;
  /** A token sees only those before it. */
  causal?: boolean;
  /** For thousands of tokens on both sides: plain attention is then computed in pieces. */
  long?: boolean;
}

/** Scores in one piece of plain attention: 64 MB in float32, whatever the size of the picture. */
const MOST_SCORES = 2 ** 24;

/** The score of what a causal token must not see; its exp() is 0 in float16 too. */
const UNSEEN = -65504;

/** Multi-head attention on rows -> [b * n, width]; scores are scaled by (width / heads)^-0.5. */
export function attention(g: GraphBuilder, inputs: AttentionInputs): Value {
  return g.form.attention === 'fused' ? fused(g, inputs) : plain(g, inputs);
}

function fused(g: GraphBuilder, { q, k, v, batch, width, heads, causal }: AttentionInputs): Value {
  const shape = g.op('Concat', [batch, g.ints(-1, width)], { axis: 0 });
  const sequences = [q, k, v].map((rows) => g.op('Reshape', [rows, shape]));
  const attributes = { num_heads: heads, ...(causal && { unidirectional: 1 }) };
  return g.op('Reshape', [g.fused('MultiHeadAttention', sequences, attributes), g.ints(-1, width)]);
}

/** Softmax between two matrix products, which every device so far has computed correctly. */
function plain(g: GraphBuilder, { q, k, v, batch, width, heads, causal, long }: AttentionInputs): Value {
  const size = width / heads;
  const shape = g.op('Concat', [batch, g.ints(-1, heads, size)], { axis: 0 });
  const byHead = (rows: Value, perm: number[]) => g.op('Transpose', [g.op('Reshape', [rows, shape])], { perm });
  const queries = byHead(g.op('Mul', [q, g.scalar(size ** -0.5)]), [0, 2, 1, 3]);
  const keys = byHead(k, [0, 2, 3, 1]);
  const values = byHead(v, [0, 2, 1, 3]);
  const attend = (some: Value) => {
    const scores = g.op('MatMul', [some, keys]);
    return g.op('MatMul', [softmax(g, causal ? g.op('Add', [scores, mask(g, some)]) : scores), values]);
  };
  const together = long
    ? inPieces(g, queries, keys, batch, heads, attend)
    : g.op('Transpose', [attend(queries)], { perm: [0, 2, 1, 3] });
  return g.op('Reshape', [together, g.ints(-1, width)]);
}

/** In float32, because it sums as many terms as there are tokens. */
function softmax(g: GraphBuilder, scores: Value): Value {
  if (g.float === 'float32') return g.op('Softmax', [scores], { axis: -1 });
  return g.cast(g.op('Softmax', [g.cast(scores, 'float32')], { axis: -1 }), g.float);
}

/** [n, n]: 0 where a token (row) may see another (column). */
function mask(g: GraphBuilder, queries: Value): Value {
  const tokens = g.op('Squeeze', [g.op('Shape', [queries], { start: 2, end: 3 })]);
  const positions = g.op('Range', [g.index(0), tokens, g.index(1)]);
  const later = g.op('Less', [g.op('Unsqueeze', [positions, g.ints(1)]), positions]);
  return g.op('Where', [later, g.scalar(UNSEEN), g.scalar(0)]);
}

/** A few queries at a time, so that their scores need no more than {@link MOST_SCORES}. Returns [b, n, heads, size]. */
function inPieces(
  g: GraphBuilder,
  queries: Value,
  keys: Value,
  batch: Value,
  heads: number,
  attend: (some: Value) => Value,
): Value {
  const tokens = g.op('Shape', [queries], { start: 2, end: 3 });
  const others = g.op('Shape', [keys], { start: 3, end: 4 });
  const scoresOfOne = g.op('Mul', [g.op('Mul', [batch, g.ints(heads)]), others]);
  const fit = g.op('Max', [g.op('Div', [g.ints(MOST_SCORES), scoresOfOne]), g.ints(1)]);
  const piece = g.op('Min', [fit, tokens]);
  const pieces = g.op('Div', [g.op('Sub', [g.op('Add', [tokens, piece]), g.ints(1)]), piece]);

  // The last piece may be shorter: it is padded, and the padding is cut off again at the end.
  const all = g.op('Mul', [pieces, piece]);
  const fill = g.op('Concat', [g.ints(0, 0, 0, 0, 0, 0), g.op('Sub', [all, tokens]), g.ints(0)], { axis: 0 });
  const filled = g.op('Pad', [queries, fill]);
  const attended = g.repeat(pieces, 4, (run) => {
    const from = g.op('Mul', [run, piece]);
    return attend(g.op('Slice', [filled, from, g.op('Add', [from, piece]), g.ints(2)]));
  });
  const inOrder = g.op('Transpose', [attended], { perm: [1, 0, 3, 2, 4] });
  const shape = g.op('Concat', [batch, all, g.ints(heads, -1)], { axis: 0 });
  return g.op('Slice', [g.op('Reshape', [inOrder, shape]), g.ints(0), tokens, g.ints(1)]);
}
