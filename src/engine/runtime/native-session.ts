import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import type { StoredTensor } from '../checkpoint/tensor.js';
import type { Update } from '../lora/updates.js';
import { onnxRuntime } from './native.js';

/** What an input takes: as ONNX Runtime has it, plain data. */
export type InputMetadata = InferenceSession.ValueMetadata;

export interface NativeFeed {
  readonly data: Float32Array | Int32Array;
  readonly shape: readonly number[];
  /** The input's own, to which the values are converted. */
  readonly type: FedType;
  /** The same array comes again, unchanged: it need not be sent twice. */
  readonly kept?: boolean;
}

export interface NativeOutput {
  readonly data: OrtTensor['data'];
  readonly shape: readonly number[];
  readonly type: string;
}

/** A session of ONNX Runtime, whichever thread it is in. Errors are ONNX Runtime's own. */
export interface NativeSession {
  readonly inputs: readonly InputMetadata[];
  readonly outputs: readonly string[];
  run(feeds: Readonly<Record<string, NativeFeed>>, outputs: readonly string[]): Promise<Record<string, NativeOutput>>;
  release(): Promise<void>;
}

/** What creates sessions: this thread, or another. */
export interface Host {
  /** @param model the path of a file, or a graph's bytes. */
  create(model: string | Uint8Array, options: InferenceSession.SessionOptions): Promise<NativeSession>;
  /** Changes weights as LoRAs say. @throws CheckpointError, RequestError */
  update(updates: readonly Update[]): Promise<StoredTensor[]>;
}

/** In this thread, which creating and running then hold up: ONNX Runtime's Node binding does both on the calling thread. */
export const HERE: Host = {
  async create(model, options) {
    const { InferenceSession, Tensor } = await onnxRuntime();
    // Its two signatures are for paths and for bytes.
    const session = await InferenceSession.create(model as string, options);
    return {
      inputs: session.inputMetadata,
      outputs: session.outputNames,
      run: async (feeds, outputs) => {
        const tensors = Object.fromEntries(Object.entries(feeds).map(([name, feed]) => [name, tensorOf(Tensor, feed)]));
        const fetched = await session.run(tensors, outputs);
        return Object.fromEntries(
          Object.entries(fetched).map(([name, { data, dims, type }]) => [name, { data, shape: dims, type }]),
        );
      },
      release: () => session.release(),
    };
  },
  async update(updates) {
    // Few need it.
    const { updated } = await import('../lora/updates.js');
    return updated(updates);
  },
};

const CONVERSIONS = {
  float32: (data: NativeFeed['data']) => (data instanceof Float32Array ? data : Float32Array.from(data)),
  int32: (data: NativeFeed['data']) => (data instanceof Int32Array ? data : Int32Array.from(data)),
  int64: (data: NativeFeed['data']) => BigInt64Array.from(data, (value) => BigInt(Math.round(value))),
  float64: (data: NativeFeed['data']) => Float64Array.from(data),
};

/** Types of inputs that can be fed. */
export type FedType = keyof typeof CONVERSIONS;

export function isFed(type: string): type is FedType {
  return type in CONVERSIONS;
}

function tensorOf(Tensor: typeof OrtTensor, { data, shape, type }: NativeFeed): OrtTensor {
  return new Tensor(type as 'float32', CONVERSIONS[type](data) as Float32Array, shape);
}
