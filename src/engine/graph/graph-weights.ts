import { type DType, rowsOf, type StoredTensor, type Weights } from '../checkpoint/tensor.js';
import { CheckpointError } from '../errors.js';
import type { Int8Demand, Quantize } from './form.js';
import type { ElementType } from './onnx.js';

/** A weight that a graph uses, under the name that it has there. */
export interface UsedWeight {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly tensor: StoredTensor;
}

/** A part of a tensor's first axis: [from, to). */
export type Rows = readonly [from: number, to: number];

const FLOATING: Partial<Record<DType, ElementType>> = {
  F16: 'float16',
  BF16: 'bfloat16',
  F8_E4M3: 'float8e4m3fn',
  F8_E5M2: 'float8e5m2',
  F32: 'float32',
  F64: 'float64',
};

/** The tensors of a checkpoint that one graph uses. Each is checked when it is first used; none is read. */
export class GraphWeights {
  readonly #weights: Weights;
  readonly #used = new Map<string, UsedWeight>();
  readonly #int8 = new Map<string, Int8Demand>();

  constructor(weights: Weights) {
    this.#weights = weights;
  }

  /**
   * @param shape the expected shape; stored sides of length 1 are ignored (a 1x1 convolution may be stored as a
   * matrix).
   * @throws CheckpointError if the checkpoint has no such tensor, or one of another shape or type.
   */
  use(name: string, shape: readonly number[], rows?: Rows): UsedWeight {
    const tensor = this.#checked(name, shape);
    const label = `${labelOf(name, rows)}${sameShape(tensor.shape, shape) ? '' : `(${shape.join('x')})`}`;
    const weight = { name: label, type: FLOATING[tensor.dtype]!, ...partOf(tensor, shape, rows) };
    this.#used.set(label, weight);
    return weight;
  }

  /** The same for a weight that will be quantized. @returns the names of its matrix and its scales. */
  useInt8(name: string, shape: readonly number[], rows?: Rows): { matrix: string; scale: string } {
    const label = labelOf(name, rows);
    this.#int8.set(label, { label, ...partOf(this.#checked(name, shape), shape, rows) });
    return int8Names(label);
  }

  /** @param quantize needed if {@link useInt8} was called. */
  async all(network: string, quantize?: Quantize): Promise<UsedWeight[]> {
    const demands = [...this.#int8.values()];
    const made = demands.length > 0 ? await quantize!(network, demands) : [];
    const int8 = demands.flatMap(({ label }, k): UsedWeight[] => {
      const { matrix, scale } = made[k]!;
      const names = int8Names(label);
      return [
        { name: names.matrix, type: 'int8', shape: matrix.shape, tensor: matrix },
        { name: names.scale, type: 'float32', shape: scale.shape, tensor: scale },
      ];
    });
    return [...this.#used.values(), ...int8];
  }

  #checked(name: string, shape: readonly number[]): StoredTensor {
    const tensor = this.#weights.get(name);
    const file = tensor?.file ?? this.#weights.values().next().value?.file ?? 'checkpoint';
    if (!tensor) {
      throw new CheckpointError(
        `${file}: tensor "${name}" is missing, expected shape [${shape}]. Is this a whole Stable Diffusion checkpoint?`,
      );
    }
    if (!sameButForOnes(tensor.shape, shape)) {
      throw new CheckpointError(
        `${file}: tensor "${name}" has shape [${tensor.shape}], expected [${shape}]. Does the configuration belong to this checkpoint?`,
      );
    }
    if (!FLOATING[tensor.dtype]) {
      throw new CheckpointError(
        `${file}: tensor "${name}" has dtype ${tensor.dtype}, expected floating point. Is it a quantized checkpoint? Take the original.`,
      );
    }
    return tensor;
  }
}

function labelOf(name: string, rows?: Rows): string {
  return rows ? `${name}[${rows.join(':')}]` : name;
}

function int8Names(label: string): { matrix: string; scale: string } {
  return { matrix: `${label}.int8`, scale: `${label}.scale` };
}

function partOf(tensor: StoredTensor, shape: readonly number[], rows?: Rows) {
  if (!rows) return { tensor, shape };
  const [from, to] = rows;
  return { tensor: rowsOf(tensor, from, to), shape: [to - from, ...shape.slice(1)] };
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((side, axis) => side === b[axis]);
}

function sameButForOnes(a: readonly number[], b: readonly number[]): boolean {
  const long = (shape: readonly number[]) => shape.filter((side) => side !== 1);
  return sameShape(long(a), long(b));
}
