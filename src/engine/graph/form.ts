import type { StoredTensor } from '../checkpoint/tensor.js';
import type { Tile } from '../tile.js';

export type FloatType = 'float32' | 'float16';

/**
 * Fused: in as few operators as possible. Plain: in smaller operators, for devices that compute the fused one
 * incorrectly.
 */
export type OperatorForm = 'fused' | 'plain';

/**
 * How a graph is written for the device that runs it. All forms compute the same. For devices other than the CPU, a
 * trial chooses the form (runtime/trial.ts).
 */
export interface GraphForm {
  /** The type of activations. Norms and the time embedding are always float32. */
  readonly float: FloatType;
  /** Fused: one MultiHeadAttention. Plain: a softmax between two matrix products. */
  readonly attention: OperatorForm;
  /** Plain: the mean is subtracted first, because a device may compute the variance in one pass and lose precision. */
  readonly norms: OperatorForm;
  /**
   * Sines and cosines. Plain: of angles within half a turn, because Vulkan and Metal guarantee nothing for larger ones.
   */
  readonly waves: OperatorForm;
  /**
   * Whether tables are cast as a whole when the session is created, on the CPU, as other weights are. If not, only the
   * rows in use are cast, on the device: the table reaches it in its stored type, and some devices have no float16.
   */
  readonly castTables: boolean;
  /** Keys and values of the prompt come from a graph of their own (buildContext), which runs once a picture. */
  readonly contextApart?: true;
  /** Whether each run says if keys and values are subsampled (unet.ts). */
  readonly subsamples?: true;
  /** Whether each run brings what ControlNets found (unet.ts). */
  readonly controlled?: true;
  /** Makes the int8 weights with which most layers of the UNet compute (rows.ts). Absent: no int8. */
  readonly int8?: Quantize;
  /** Edges at which convolutions read on at the opposite one (wrap.ts, im2col.ts), instead of zeros. */
  readonly tile?: Tile;
  /** Whether the autoencoder computes in bands of lines (bands.ts), as it does with int8: slower, but in less memory. */
  readonly bands?: true;
}

/** For the CPU. */
export const FUSED: GraphForm = {
  float: 'float32',
  attention: 'fused',
  norms: 'fused',
  waves: 'fused',
  castTables: false,
};

/** How graphs are written for a device: for networks that must be float32, and for the others if it has float16. */
export interface DeviceForms {
  readonly float32: GraphForm;
  readonly float16?: GraphForm;
}

export const CPU_FORMS: DeviceForms = { float32: FUSED };

/** The weight of a matrix or a convolution (or a part of its first axis) to be quantized; see src/engine/int8. */
export interface Int8Demand {
  /** Unique in its graph. */
  readonly label: string;
  readonly tensor: StoredTensor;
  /** [outputs, inputs] or [outputs, inputs, height, width]. */
  readonly shape: readonly number[];
}

/** The result: int8 [height * width * inputs, outputs], and the float32 factors [outputs] of its columns. */
export interface Int8Matrix {
  readonly matrix: StoredTensor;
  readonly scale: StoredTensor;
}

/** Makes a network's int8 weights, in the order of `demands`. */
export type Quantize = (network: string, demands: readonly Int8Demand[]) => Promise<readonly Int8Matrix[]>;
