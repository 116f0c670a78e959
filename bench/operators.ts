/**
 * Ways to say the same in ONNX, timed on SD v1's own shapes at 512x512 (batch 2: words and no words). The graphs in
 * src/engine/graph use the winners; docs/performance.md has the figures. CPU time, the least of several runs: other work on
 * the machine hardly shows in it.
 *
 *   npm run build && node dist/bench/operators.js [filter]
 */
import type { InferenceSession } from 'onnxruntime-node';
import type { StoredTensor } from '../src/engine/checkpoint/tensor.js';
import { GraphBuilder, type Value } from '../src/engine/graph/builder.js';
import { NetworkSession } from '../src/engine/runtime/session.js';

type Build = (g: GraphBuilder, x: Value) => Value;

interface Contest {
  what: string;
  input: number[];
  weights: Record<string, number[]>;
  ways: Record<string, Build | { build: Build; options: InferenceSession.SessionOptions }>;
}

const FIXED = { extra: { session: { intra_op: { allow_spinning: '0' } } } };
const NO_PREPACK = { extra: { session: { intra_op: { allow_spinning: '0' }, disable_prepacking: '1' } } };
const NO_NCHWC = { ...FIXED, graphOptimizationLevel: 'extended' as const };

const transposed = (g: GraphBuilder, w: Value) => g.op('Transpose', [w], { perm: [1, 0] });

function linear(rows: number, inputs: number, outputs: number): Contest {
  const w = (g: GraphBuilder) => g.weight('w', [outputs, inputs]);
  const bias = (g: GraphBuilder) => g.weight('b', [outputs]);
  const gemm: Build = (g, x) => g.op('Gemm', [x, w(g), bias(g)], { transB: 1 });
  return {
    what: `linear ${rows} x ${inputs} -> ${outputs}`,
    input: [rows, inputs],
    weights: { w: [outputs, inputs], b: [outputs] },
    ways: {
      'Gemm, prepacked': gemm,
      'Gemm, as it lies': { build: gemm, options: NO_PREPACK },
      'MatMul + Add, prepacked': (g, x) => g.op('Add', [g.op('MatMul', [x, transposed(g, w(g))]), bias(g)]),
      'FusedMatMul + Add, prepacked': (g, x) =>
        g.op('Add', [g.fused('FusedMatMul', [x, w(g)], { transB: 1 }), bias(g)]),
    },
  };
}

function attention(tokens: number, width: number, heads: number, context = tokens): Contest {
  const to = (g: GraphBuilder, x: Value) =>
    context === tokens ? x : g.op('Slice', [x, g.ints(0), g.ints(context), g.ints(1)]);
  const split = (g: GraphBuilder, x: Value, perm: number[]) =>
    g.op('Transpose', [g.op('Reshape', [x, g.ints(0, 0, heads, -1)])], { perm });
  return {
    what: `attention ${tokens} to ${context}, ${heads} heads of ${width / heads}`,
    input: [2, tokens, width],
    weights: {},
    ways: {
      MultiHeadAttention: (g, x) => g.fused('MultiHeadAttention', [x, to(g, x), to(g, x)], { num_heads: heads }),
      'MatMul, Softmax, MatMul': (g, x) => {
        const q = g.op('Mul', [split(g, x, [0, 2, 1, 3]), g.floats([(width / heads) ** -0.5])]);
        const scores = g.op('MatMul', [q, split(g, to(g, x), [0, 2, 3, 1])]);
        const seen = g.op('MatMul', [g.op('Softmax', [scores], { axis: -1 }), split(g, to(g, x), [0, 2, 1, 3])]);
        return g.op('Reshape', [g.op('Transpose', [seen], { perm: [0, 2, 1, 3] }), g.ints(0, 0, -1)]);
      },
    },
  };
}

function convolution(channels: number, side: number, outputs = channels): Contest {
  const build: Build = (g, x) =>
    g.op('Conv', [x, g.weight('w', [outputs, channels, 3, 3])], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] });
  return {
    what: `convolution 3x3 ${channels} -> ${outputs} at ${side}x${side}`,
    input: [2, channels, side, side],
    weights: { w: [outputs, channels, 3, 3] },
    ways: {
      'blocked channels (NCHWc)': build,
      im2col: { build, options: NO_NCHWC },
      'im2col, as it lies': { build, options: { ...NO_PREPACK, graphOptimizationLevel: 'extended' } },
    },
  };
}

const CONTESTS: Contest[] = [
  linear(8192, 320, 320),
  linear(8192, 320, 1280),
  linear(8192, 1280, 320),
  linear(2048, 640, 2560),
  linear(512, 1280, 5120),
  linear(154, 768, 768),
  attention(4096, 320, 8),
  attention(1024, 640, 8),
  attention(256, 1280, 8),
  attention(4096, 320, 8, 77),
  attention(4096, 512, 1),
  convolution(320, 64),
  convolution(640, 32),
  convolution(1280, 16),
  convolution(128, 256),
  {
    what: 'group norm 320 at 64x64',
    input: [2, 320, 64, 64],
    weights: { w: [320], b: [320] },
    ways: {
      'InstanceNormalization, Mul, Add': (g, x) => {
        const unit = [g.floats(Array(32).fill(1)), g.floats(Array(32).fill(0))];
        const normal = g.op('InstanceNormalization', [g.op('Reshape', [x, g.ints(0, 32, -1)]), ...unit]);
        const back = g.op('Reshape', [normal, g.op('Shape', [x])]);
        return g.op('Add', [g.op('Mul', [back, g.weight('w', [320, 1, 1])]), g.weight('b', [320, 1, 1])]);
      },
      'GroupNormalization (opset 21)': (g, x) =>
        g.op('GroupNormalization', [x, g.weight('w', [320]), g.weight('b', [320])], { num_groups: 32 }),
    },
  },
  {
    what: 'SiLU 320 at 64x64',
    input: [2, 320, 64, 64],
    weights: {},
    ways: {
      'QuickGelu, alpha 1': (g, x) => g.fused('QuickGelu', [x], { alpha: { float: 1 } }),
      'Sigmoid, Mul': {
        build: (g, x) => g.op('Mul', [x, g.op('Sigmoid', [x])]),
        options: { ...FIXED, graphOptimizationLevel: 'basic' },
      },
    },
  },
  {
    what: 'GEGLU 8192 x 320 -> 1280',
    input: [8192, 320],
    weights: { w: [2560, 320], b: [2560] },
    ways: {
      'two Gemm': (g, x) => {
        const half = (from: number) => {
          const rows = [from, from + 1280] as const;
          return g.op('Gemm', [x, g.weight('w', [2560, 320], rows), g.weight('b', [2560], rows)], { transB: 1 });
        };
        return g.op('Mul', [half(0), g.op('Gelu', [half(1280)])]);
      },
      'one Gemm, Split': (g, x) => {
        const both = g.op('Gemm', [x, g.weight('w', [2560, 320]), g.weight('b', [2560])], { transB: 1 });
        const [value, gate] = g.ops('Split', [both], 2, { axis: 1, num_outputs: 2 }) as [Value, Value];
        return g.op('Mul', [value, g.op('Gelu', [gate])]);
      },
    },
  },
  {
    what: 'residual and layer norm, 8192 x 320',
    input: [8192, 320],
    weights: { w: [320], b: [320] },
    ways: {
      'Add, LayerNormalization': (g, x) => {
        const sum = g.op('Add', [x, g.op('Neg', [x])]);
        return g.op('Add', [sum, g.op('LayerNormalization', [sum, g.weight('w', [320]), g.weight('b', [320])])]);
      },
      SkipLayerNormalization: (g, x) => {
        const inputs = [x, g.op('Neg', [x]), g.weight('w', [320]), g.weight('b', [320])];
        // The second and third output are for training; the fourth is the sum.
        const outputs = g.ops('SkipLayerNormalization', inputs, 4, {}, 'com.microsoft');
        const [normal, sum] = [outputs[0]!, outputs[3]!];
        return g.op('Add', [sum, normal]);
      },
    },
  },
];

function randomWeights(shapes: Record<string, number[]>): Map<string, StoredTensor> {
  return new Map(
    Object.entries(shapes).map(([name, shape]) => {
      const values = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => Math.random() - 0.5);
      return [name, { dtype: 'F32', shape, file: 'random', offset: 0, bytes: new Uint8Array(values.buffer) }];
    }),
  );
}

async function time({ input, weights }: Contest, build: Build, options: InferenceSession.SessionOptions) {
  const g = new GraphBuilder('contest', randomWeights(weights));
  const x = g.input('x', 'float32', input);
  // One row leaves the graph: a large output is a fresh allocation in each run, which intermediate values are not.
  g.output('y', g.op('Slice', [build(g, x), g.ints(0), g.ints(1), g.ints(0)]), []);
  await using session = new NetworkSession('contest', () => g.finish(), { ...options, logSeverityLevel: 3 });
  const data = Float32Array.from({ length: input.reduce((a, b) => a * b) }, () => Math.random() - 0.5);
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 8; run++) {
    const before = process.cpuUsage();
    await session.run({ x: { data, shape: input } });
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}

const filter = process.argv[2] ?? '';
for (const contest of CONTESTS.filter(({ what }) => what.includes(filter))) {
  console.log(contest.what);
  for (const [name, way] of Object.entries(contest.ways)) {
    const { build, options } = typeof way === 'function' ? { build: way, options: FIXED } : way;
    const ms = await time(contest, build, options).catch((error: Error) => error.message.slice(0, 150));
    console.log(`  ${name.padEnd(36)} ${typeof ms === 'number' ? `${ms.toFixed(1).padStart(8)} ms` : ms}`);
  }
}
