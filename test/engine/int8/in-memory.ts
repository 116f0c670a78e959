import type { Quantize } from '../../../src/engine/graph/form.js';
import { largestWeight } from '../../../src/engine/int8/processor.js';
import { quantized } from '../../../src/engine/int8/quantize.js';

/** Makes int8 weights without keeping them. */
export const quantizeInMemory: Quantize = (_, demands) =>
  Promise.all(
    demands.map(async (demand) => {
      const { matrix, scale } = await quantized(demand, largestWeight());
      const common = { file: demand.tensor.file, offset: 0 };
      const shape = [matrix.length / scale.length, scale.length];
      return {
        matrix: { ...common, dtype: 'I8' as const, shape, bytes: new Uint8Array(matrix.buffer) },
        scale: { ...common, dtype: 'F32' as const, shape: [scale.length], bytes: new Uint8Array(scale.buffer) },
      };
    }),
  );
