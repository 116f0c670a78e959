import type { Weights } from './checkpoint/tensor.js';
import { RequestError } from './errors.js';
import type { UNetConfig } from './model.js';

/** A ControlNet's architecture: the UNet's whose way down it copies, and the widths of the network for its picture. */
export interface ControlNetConfig {
  readonly unet: UNetConfig;
  /** From the picture inwards; its size is halved between two of them. */
  readonly hintWidths: readonly number[];
}

/** A ControlNet that was opened: a picture's edges, depth, pose … steer what is painted (Zhang et al. 2023). */
export interface ControlNet {
  /** The path that was opened, links resolved. */
  readonly path: string;
  /** Of the file or folder that was named, without its extension. */
  readonly name: string;
  /** AUTOMATIC1111's short one, which the ControlNet extension puts after the name: eight digits. */
  readonly hash: string;
  readonly config: ControlNetConfig;
  readonly weights: Weights;
}

export function controlUnfit(): RequestError {
  return new RequestError(
    'This model is a folder of ONNX graphs, which ControlNets cannot steer. Choose another model.',
    {
      meaning: { code: 'controlUnfit', values: {} },
    },
  );
}
