import type { StoredTensor } from '../checkpoint/tensor.js';

export type FloatType = 'float32' | 'float16';

/** The shortest way to write an operator, or one in smaller operators, for devices that compute the first one wrongly. */
export type OperatorForm = 'fused' | 'plain';

/**
 * How a graph is written for what will run it: all forms compute the same. On a device other than the processor a trial
 * chooses (runtime/trial.ts).
 */
export interface GraphForm {
  /** What activations are; norms and the time embedding are float32 whatever this says. */
  readonly float: FloatType;
  /** One MultiHeadAttention, or a softmax between two matrix products. */
  readonly attention: OperatorForm;
  /** Plain: the mean is taken off first, since a device may compute the variance in one pass, which loses it. */
  readonly norms: OperatorForm;
  /** Sines and cosines. Plain: of angles below half a turn; Vulkan and Metal promise nothing of larger ones. */
  readonly waves: OperatorForm;
  /**
   * Every weight is cast when the session is made, on the processor. False: of tables only the rows that are used, when they
   * are; then the table reaches the device as it is stored, and there are devices without float16.
   */
  readonly castTables: boolean;
  /** Most layers of the UNet compute in int8 (rows.ts), with the weights that this makes. */
  readonly int8?: Quantize;
}

/** For the processor. */
export const FUSED: GraphForm = {
  float: 'float32',
  attention: 'fused',
  norms: 'fused',
  waves: 'fused',
  castTables: false,
};

/** How graphs are written for a device: for networks that stay float32, and for those that need not, where it has float16. */
export interface DeviceForms {
  readonly float32: GraphForm;
  readonly float16?: GraphForm;
}

export const CPU_FORMS: DeviceForms = { float32: FUSED };

/** A matrix or a convolution's weight (or a part of its first axis) that is to become int8; see src/engine/int8. */
export interface Int8Demand {
  /** Tells it from all others of its graph. */
  readonly label: string;
  readonly tensor: StoredTensor;
  /** [outputs, inputs] or [outputs, inputs, height, width]. */
  readonly shape: readonly number[];
}

/** What becomes of it: int8 [height * width * inputs, outputs], and float32 [outputs] that its columns are to be multiplied by. */
export interface Int8Matrix {
  readonly matrix: StoredTensor;
  readonly scale: StoredTensor;
}

/** Makes a network's int8 weights, in the order of the demands. */
export type Quantize = (network: string, demands: readonly Int8Demand[]) => Promise<readonly Int8Matrix[]>;
