import type { InferenceSession } from 'onnxruntime-node';
import { encodeModel } from '../graph/onnx.js';
import { onnxRuntime } from '../runtime/native.js';

/** Row-major numbers, [rows, columns], or a batch of such matrices one after another. */
export interface Matrix {
  data: Float32Array;
  rows: number;
  columns: number;
  /** 1 by default. */
  batch?: number;
}

/** Matrix product; of batches, each matrix with its own. */
export type Multiply = (a: Matrix, b: Matrix) => Promise<Matrix>;

/**
 * Lends ONNX Runtime's matrix product for the time of `use`: a LoRA of rank 128 for a full-size UNet takes 100 GFLOP,
 * two minutes in plain JavaScript.
 */
export async function withMatmul<T>(use: (multiply: Multiply) => Promise<T>): Promise<T> {
  const { InferenceSession, Tensor } = await onnxRuntime();
  const session: InferenceSession = await InferenceSession.create(
    encodeModel({
      name: 'matmul',
      opsets: new Map([['', 21]]),
      inputs: [
        { name: 'a', type: 'float32', shape: ['batch', 'rows', 'inner'] },
        { name: 'b', type: 'float32', shape: ['batch', 'inner', 'columns'] },
      ],
      outputs: [{ name: 'c', type: 'float32', shape: ['batch', 'rows', 'columns'] }],
      nodes: [{ op: 'MatMul', domain: '', inputs: ['a', 'b'], outputs: ['c'], attributes: {} }],
      initializers: [],
    }),
    // Shapes differ from call to call: an arena would keep the largest buffer of each.
    { enableCpuMemArena: false },
  );
  const tensor = ({ data, rows, columns, batch = 1 }: Matrix) => new Tensor('float32', data, [batch, rows, columns]);
  try {
    return await use(async (a, b) => {
      const { c } = await session.run({ a: tensor(a), b: tensor(b) });
      const product = { data: c!.data as Float32Array, rows: a.rows, columns: b.columns };
      return a.batch === undefined ? product : { ...product, batch: a.batch };
    });
  } finally {
    await session.release();
  }
}
