import { EaselError } from '../errors.js';
import { hasInt8Instructions } from '../int8/processor.js';
import type { Model } from '../model.js';
import type { Provider } from './provider.js';

export const PRECISIONS = ['full', 'autocast', 'int8', 'auto'] as const;

/**
 * The number format of the networks. `autocast`: float16 for the UNet and the decoder on GPUs. `full`: float32
 * everywhere. On CPUs both are float32 and paint the reference's picture. `int8`, for CPUs only: most of the UNet in 8
 * bits, which paints nearly that picture in less than half the time per step. `auto`: int8 on CPUs with instructions
 * for it, otherwise autocast.
 */
export type Precision = (typeof PRECISIONS)[number];

/** @throws EaselError if int8 is asked for but not possible. */
export function takesInt8(
  provider: Provider,
  { kind, path }: Pick<Model, 'kind' | 'path'>,
  precision: Precision,
  fast = hasInt8Instructions(),
): boolean {
  if (precision === 'auto') return provider === 'cpu' && kind === 'weights' && fast;
  if (precision !== 'int8') return false;
  if (provider !== 'cpu') {
    throw new EaselError(`int8 is for the processor, not for ${provider}.`, { code: 'int8Device' });
  }
  if (kind === 'onnx') {
    throw new EaselError(`${path}: a folder of ONNX graphs computes as it was exported, not in int8.`, {
      code: 'int8Folder',
    });
  }
  return true;
}
