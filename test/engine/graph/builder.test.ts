import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readContainer } from '../../../src/engine/checkpoint/container.js';
import type { DType, StoredTensor } from '../../../src/engine/checkpoint/tensor.js';
import { readValues } from '../../../src/engine/checkpoint/values.js';
import { CheckpointError } from '../../../src/engine/errors.js';
import { GraphBuilder, type Value } from '../../../src/engine/graph/builder.js';
import { FUSED } from '../../../src/engine/graph/form.js';
import { NetworkSession } from '../../../src/engine/runtime/session.js';
import { decodeModel } from './decode.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'easel-builder-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A file whose tensor starts at an odd offset, as in checkpoints. */
function stored(name: string, dtype: DType, shape: number[], bytes: Uint8Array, offset = 13): StoredTensor {
  const file = join(folder, name);
  writeFileSync(file, Buffer.concat([Buffer.alloc(offset, 0xff), bytes]));
  return { dtype, shape, file, offset };
}

const bytesOf = (array: Float32Array | Float64Array | Uint16Array) => new Uint8Array(array.buffer);
const count = (n: number) => Float32Array.from({ length: n }, (_, i) => i);

/** Runs a graph that passes the weight "w" through, and returns its values. */
async function valuesOf(tensor: StoredTensor, shape: number[], rows?: [number, number]): Promise<number[]> {
  const g = new GraphBuilder('test', new Map([['w', tensor]]));
  const zero = g.input('zero', 'float32', [1]);
  const [first = 0, ...rest] = shape;
  g.output('y', g.op('Add', [g.weight('w', shape, rows), zero]), [rows ? rows[1] - rows[0] : first, ...rest]);
  await using session = new NetworkSession('test', () => g.finish(), {});
  const { y } = await session.run({ zero: { data: Float32Array.of(0), shape: [1] } });
  return [...y!.data];
}

describe('weights reach the session with their values', () => {
  const values = [0, 1, 2, 3, 4, 5];
  test('float32, mapped at an unaligned offset', async () => {
    expect(await valuesOf(stored('f32', 'F32', [2, 3], bytesOf(count(6))), [2, 3])).toEqual(values);
  });

  test('float16 and bfloat16 and float64, cast in the graph', async () => {
    const f16 = Uint16Array.of(0, 0x3c00, 0x4000, 0x4200, 0x4400, 0x4500);
    const bf16 = Uint16Array.from(new Uint32Array(count(6).buffer), (bits) => bits >> 16);
    expect(await valuesOf(stored('f16', 'F16', [6], bytesOf(f16)), [6])).toEqual(values);
    expect(await valuesOf(stored('bf16', 'BF16', [6], bytesOf(bf16)), [6])).toEqual(values);
    expect(await valuesOf(stored('f64', 'F64', [6], bytesOf(Float64Array.from(values))), [6])).toEqual(values);
  });

  test.each(['e4m3', 'e5m2'])('8-bit floats, cast in the graph, whole and row by row: %s', async (kind) => {
    const { tensors } = await readContainer('test/fixtures/float8/float8.safetensors');
    const tensor = { ...tensors.get(kind)!, shape: [16, 16] };
    // The graph of valuesOf adds zero, which turns -0 into 0.
    const wanted = [...(await readValues(tensors.get(`${kind} as float32`)!))].map((value) => value + 0);
    expect(await valuesOf(tensor, [16, 16])).toEqual(wanted);
    expect(await valuesOf(tensor, [16, 16], [3, 5])).toEqual(wanted.slice(48, 80));
    const g = new GraphBuilder('test', new Map([['table', tensor]]));
    g.output('y', g.gather('table', [16, 16], g.input('rows', 'int64', [2])), [2, 16]);
    await using session = new NetworkSession('test', () => g.finish(), {});
    const { y } = await session.run({ rows: { data: Int32Array.of(2, 1), shape: [2] } });
    expect([...y!.data]).toEqual([...wanted.slice(32, 48), ...wanted.slice(16, 32)]);
  });

  test('strided: transposed and with an offset', async () => {
    const transposed = { ...stored('strided', 'F32', [3, 2], bytesOf(count(6))), strides: [1, 3] };
    expect(await valuesOf(transposed, [3, 2])).toEqual([0, 3, 1, 4, 2, 5]);
    expect(await valuesOf(transposed, [3, 2], [1, 3])).toEqual([1, 4, 2, 5]);
  });

  test('in memory, small (in the model) and large (beside it)', async () => {
    const small = { ...stored('small', 'F32', [6], new Uint8Array()), bytes: bytesOf(count(6)) };
    expect(await valuesOf(small, [6])).toEqual(values);
    const large = { ...stored('large', 'F32', [64, 100], new Uint8Array()), bytes: bytesOf(count(6400)) };
    expect(await valuesOf(large, [64, 100])).toEqual([...count(6400)]);
    expect(await valuesOf(large, [64, 100], [10, 30])).toEqual([...count(6400).subarray(1000, 3000)]);
  });

  test('a part of the rows', async () => {
    expect(await valuesOf(stored('rows', 'F32', [3, 2], bytesOf(count(6))), [3, 2], [1, 2])).toEqual([2, 3]);
  });
});

test('a weight lies in the checkpoint, not in the model', async () => {
  const a = stored('a.ckpt', 'F32', [4000], bytesOf(count(4000)));
  const g = new GraphBuilder('test', new Map([['a', a]]));
  g.output('y', g.weight('a', [4000]), [4000]);
  const built = await g.finish();
  expect(built.folder).toBe(folder);
  expect(built.scratch).toBeUndefined();
  expect(built.model.length).toBeLessThan(500);
  const [initializer] = decodeModel(built.model).initializers;
  expect(initializer).toMatchObject({
    name: 'a',
    type: 'float32',
    shape: [4000],
    external: { location: 'a.ckpt', offset: '13', length: '16000' },
  });
});

test('weights in sibling folders are taken from the folder above', async () => {
  const at = (file: string): StoredTensor => ({ dtype: 'F32', shape: [1], file, offset: 5_000_000_000 });
  const weights = new Map([
    ['a', at('/models/sd/unet/a.safetensors')],
    ['b', at('/models/sd2/b.safetensors')],
  ]);
  const g = new GraphBuilder('test', weights);
  g.output('y', g.op('Add', [g.weight('a', [1]), g.weight('b', [1])]), [1]);
  const { folder, model } = await g.finish();
  expect(folder).toBe('/models');
  const locations = decodeModel(model).initializers.map(({ external }) => external);
  expect(locations[0]).toMatchObject({ location: 'sd/unet/a.safetensors', offset: '5000000000' });
  expect(locations[1]).toMatchObject({ location: 'sd2/b.safetensors' });
});

describe('a checkpoint that does not fit', () => {
  const g = () =>
    new GraphBuilder(
      'test',
      new Map<string, StoredTensor>([
        ['conv', { dtype: 'F32', shape: [8, 4, 1, 1], file: '/m/sd.ckpt', offset: 0 }],
        ['ids', { dtype: 'I64', shape: [77], file: '/m/sd.ckpt', offset: 0 }],
      ]),
    );

  test('names the file, the tensor, both shapes and a remedy', () => {
    expect(() => g().weight('conv', [4, 8])).toThrow(
      new CheckpointError(
        '/m/sd.ckpt: tensor "conv" has shape [8,4,1,1], expected [4,8]. Does the configuration belong to this checkpoint?',
      ),
    );
    expect(() => g().weight('none', [4])).toThrow(
      /^\/m\/sd\.ckpt: tensor "none" is missing, expected shape \[4\]\. Is/,
    );
    expect(() => g().weight('ids', [77])).toThrow(/has dtype I64, expected floating point\. Is it a quantized/);
  });

  test('takes a 1x1 convolution for a matrix', () => {
    expect(g().weight('conv', [8, 4])).toBeTruthy();
  });
});

test('a part in float32 is cast back', async () => {
  const g = new GraphBuilder('test', new Map(), { ...FUSED, float: 'float16' });
  const x = g.cast(g.input('x', 'float32', [1]), 'float16');
  const inner = g.cast(x, 'float32');
  const y: Value = g.inFloat32(() => {
    expect(g.float).toBe('float32');
    return g.op('Sqrt', [inner]);
  });
  expect(g.float).toBe('float16');
  g.output('y', g.cast(y, 'float16'), [1]);
  const { nodes, outputs } = decodeModel((await g.finish()).model);
  expect(outputs).toEqual({ y: 'float32' });
  expect(nodes.map(({ op, ints }) => op + (ints.to ?? ''))).toEqual(['Cast10', 'Cast1', 'Sqrt', 'Cast10', 'Cast1']);
});

describe('hidden shapes', () => {
  /** Adds of ever new shapes, as ONNX Runtime sees it: it knows two axes and no side. */
  function chain(length: number, hidden: boolean): GraphBuilder {
    const g = new GraphBuilder('chain', new Map());
    const x = g.input('x', 'float32', ['n']);
    if (hidden) g.hideShapes(g.op('Shape', [x]));
    let y = x;
    for (let k = 0; k < length; k++)
      y = g.op('Add', [g.op('Reshape', [y, k % 2 ? g.ints(2, -1) : g.ints(-1, 2)]), g.floats([k])]);
    g.output('y', g.op('Reshape', [y, g.ints(-1)]), ['n']);
    return g;
  }

  async function run(length: number, hidden: boolean) {
    await using session = new NetworkSession('chain', () => chain(length, hidden).finish(), {});
    const { y } = await session.run({ x: { data: Float32Array.of(1, 2, 3, 4), shape: [4] } });
    return [...y!.data];
  }

  test('change no number', async () => {
    expect(await run(100, true)).toEqual(await run(100, false));
  });
});

test('an attribute that is a fraction must say so, and arrays may be used again', async () => {
  const g = new GraphBuilder('test', new Map());
  const shape = ['n', 2];
  const x = g.input('x', 'float32', shape);
  expect(() => g.op('LeakyRelu', [x], { alpha: 0.25 })).toThrow(
    'The attribute "alpha" of LeakyRelu is 0.25, not an integer: write { float: 0.25 }.',
  );
  const perm = [1, 0];
  const inputs = [x];
  g.output('y', g.op('Transpose', inputs, { perm }), [2, 'n']);
  perm.reverse();
  shape.reverse();
  inputs.pop();
  await using session = new NetworkSession('test', () => g.finish(), {});
  const { y } = await session.run({ x: { data: Float32Array.of(1, 2, 3, 4, 5, 6), shape: [3, 2] } });
  expect([...y!.data]).toEqual([1, 3, 5, 2, 4, 6]);
});
