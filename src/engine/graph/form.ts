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
