import type { StoredTensor, Weights } from '../checkpoint/tensor.js';
import { Mt19937 } from '../random/mt19937.js';
import { TorchGenerator } from '../random/torch.js';
import { elements } from '../shape.js';
import { attention } from './attention.js';
import { GraphBuilder, type Value } from './builder.js';
import type { BuiltGraph } from './built-graph.js';
import type { GraphForm } from './form.js';
import { conv, groupNorm, layerNorm, linear, resnet, toPicture, toRows, upsample } from './layers.js';
import { waves } from './time-embedding.js';

/** The trial's outputs, each with the part of {@link GraphForm} that offers another form of it, if any. */
export const TRIAL_PARTS = {
  matrices: undefined,
  convolutions: undefined,
  tokens: undefined,
  attention: 'attention',
  norms: 'norms',
  waves: 'waves',
} as const satisfies Record<string, 'attention' | 'norms' | 'waves' | undefined>;

export type TrialPart = keyof typeof TRIAL_PARTS;

const [CHANNELS, SIDE, BATCH, HEADS, TOKENS, WORDS] = [8, 12, 2, 2, 77, 32];
const PLACES = SIDE * SIDE;

/**
 * A network of a few kilobytes with every operator of Stable Diffusion's networks, built by the same functions: a
 * device that computes it correctly computes them correctly.
 *
 * Inputs: those of {@link trialFeeds}. Outputs: {@link TRIAL_PARTS}, float32.
 *
 * @param headSize width of an attention head, which devices' kernels depend on: 40, 80 and 160 in SD 1.x, 64 in 2.x.
 */
export function buildTrial(form: GraphForm, headSize: number): Promise<BuiltGraph> {
  const g = new GraphBuilder('trial', trialWeights(), form);
  const own = (value: Value) => (form.float === 'float32' ? value : g.cast(value, form.float));
  const given = (name: string, ...shape: number[]) => g.input(name, 'float32', shape);
  const picture = own(given('picture', BATCH, CHANNELS, SIDE, SIDE));

  const rows = toRows(g, picture, CHANNELS);
  const gate = g.op('Gelu', [linear(g, rows, 'gate', CHANNELS, CHANNELS)]);
  const quick = g.fused('QuickGelu', [linear(g, rows, 'quick', CHANNELS, CHANNELS, false)], {
    alpha: { float: 1.702 },
  });
  g.output('matrices', g.op('Mul', [gate, quick]), ['rows', CHANNELS]);

  const time = { value: own(given('time', BATCH, CHANNELS)), width: CHANNELS };
  const block = { inputs: CHANNELS, outputs: CHANNELS, groups: 4, eps: 1e-5 };
  const small = conv(g, picture, 'down', CHANNELS, CHANNELS, { stride: 2 });
  const odd = conv(g, picture, 'odd', CHANNELS, CHANNELS, { stride: 2, pads: [0, 0, 1, 1] });
  const both = g.op('Concat', [upsample(g, small, 'up', CHANNELS), upsample(g, odd, 'up', CHANNELS)], { axis: 1 });
  const deep = resnet(g, both, { ...block, name: 'block', inputs: 2 * CHANNELS, time });
  const [half, other] = g.ops('Split', [deep], 2, { axis: 1, num_outputs: 2 }) as [Value, Value];
  const limits = [g.scalar(-1), g.scalar(1)] as const;
  const three = g.scalar(3);
  const soft = g.op('Mul', [g.op('Tanh', [g.op('Div', [half, three])]), three]);
  const hard = g.op('Sub', [g.op('Clip', [other, ...limits]), g.op('Relu', [other])]);
  const whole = g.op('Concat', [soft, hard], { axis: 1 });
  const around = toPicture(g, toRows(g, whole, CHANNELS), CHANNELS, whole);
  g.output('convolutions', conv(g, around, 'last', CHANNELS, CHANNELS, { size: 1 }), [BATCH, CHANNELS, SIDE, SIDE]);

  const ids = g.input('ids', 'int32', [BATCH, TOKENS]);
  const tokens = g.op('Shape', [ids], { start: 1, end: 2 });
  const places = g.op('Slice', [g.weight('places', [WORDS * 3, CHANNELS]), g.ints(0), tokens, g.ints(0)]);
  const words = g.op('Add', [g.gather('words', [WORDS, CHANNELS], ids), places]);
  const firsts = g.op('Expand', [g.weight('first', [1, 1, CHANNELS]), g.ints(BATCH, 1, CHANNELS)]);
  const sequence = g.op('Concat', [firsts, words], { axis: 1 });
  const first = g.op('Unsqueeze', [g.op('Gather', [sequence, g.index(0)], { axis: 1 }), g.ints(1)]);
  g.output('tokens', g.op('Sub', [sequence, first]), [BATCH, TOKENS + 1, CHANNELS]);

  const width = HEADS * headSize;
  const q = own(given('q', BATCH * PLACES, width));
  const [k, v] = [own(given('k', BATCH * TOKENS, width)), own(given('v', BATCH * TOKENS, width))];
  const heads = { batch: g.ints(BATCH), width, heads: HEADS };
  const attended = [
    attention(g, { ...heads, q, k: q, v: q, long: true }),
    attention(g, { ...heads, q, k, v }),
    attention(g, { ...heads, q: k, k, v, causal: true }),
  ];
  g.output('attention', g.op('Concat', attended, { axis: 0 }), ['rows', width]);

  // These stay float32 in every network. The input is far from 0, where a variance computed in one pass loses
  // precision.
  const far = given('far', BATCH, CHANNELS, SIDE, SIDE);
  const timestep = given('timestep', BATCH);
  const output = (name: string, value: Value) => g.output(name, own(value), ['rows', 'width']);
  const norms = g.inFloat32(() => {
    const group = toRows(g, groupNorm(g, far, 'group', CHANNELS, 4, 1e-5), CHANNELS);
    return g.op('Concat', [group, layerNorm(g, toRows(g, far, CHANNELS), 'layer', CHANNELS, 1e-5)], { axis: 0 });
  });
  output('norms', norms);
  output(
    'waves',
    g.inFloat32(() => g.op('Concat', waves(g, timestep, [1, 0.3, 0.01, 1e-4]), { axis: 1 })),
  );
  return g.finish();
}

/** Typical inputs of the networks; `far` has mean 1000 and standard deviation 1. */
export function trialFeeds(headSize: number) {
  const random = new TorchGenerator(14);
  const normal = (mean: number, ...shape: number[]) => ({
    data: random.randn(elements(shape)).map((value) => value + mean),
    shape,
  });
  const width = HEADS * headSize;
  return {
    picture: normal(0, BATCH, CHANNELS, SIDE, SIDE),
    time: normal(0, BATCH, CHANNELS),
    ids: { data: Int32Array.from({ length: BATCH * TOKENS }, (_, k) => (k * 7) % WORDS), shape: [BATCH, TOKENS] },
    q: normal(0, BATCH * PLACES, width),
    k: normal(0, BATCH * TOKENS, width),
    v: normal(0, BATCH * TOKENS, width),
    far: normal(1000, BATCH, CHANNELS, SIDE, SIDE),
    timestep: { data: Float32Array.of(999, 21), shape: [BATCH] },
  };
}

function trialWeights(): Weights {
  const [c, names] = [CHANNELS, new Map<string, number[]>()];
  const layer = (name: string, ...shape: number[]) =>
    names.set(`${name}.weight`, shape).set(`${name}.bias`, [shape[0]!]);
  for (const name of ['gate', 'quick', 'block.time_emb_proj']) layer(name, c, c);
  for (const name of ['down', 'odd', 'up', 'block.conv2']) layer(name, c, c, 3, 3);
  layer('block.conv1', c, 2 * c, 3, 3);
  layer('block.conv_shortcut', c, 2 * c, 1, 1);
  layer('last', c, c, 1, 1);
  layer('block.norm1', 2 * c);
  for (const name of ['block.norm2', 'group', 'layer']) layer(name, c);
  names
    .set('words', [WORDS, c])
    .set('places', [3 * WORDS, c])
    .set('first', [1, 1, c]);
  const bits = new Mt19937(14);
  return new Map([...names].map(([name, shape]) => [name, halves(bits, shape)]));
}

/** Random float16 numbers between 1/32 and 1/2, of either sign: a sign, an exponent of 10 to 13, and ten more bits. */
function halves(random: Mt19937, shape: readonly number[]): StoredTensor {
  const values = Uint16Array.from({ length: elements(shape) }, () => {
    const bits = random.uint32();
    return ((bits >>> 31) << 15) | ((10 + ((bits >>> 28) & 3)) << 10) | (bits & 0x3ff);
  });
  return { dtype: 'F16', shape, file: 'trial', offset: 0, bytes: new Uint8Array(values.buffer) };
}
