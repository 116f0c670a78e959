import { EaselError } from '../errors.js';
import { hasInt8Instructions } from '../int8/processor.js';
import type { Model } from '../model.js';
import type { Provider } from './provider.js';

export const PRECISIONS = ['full', 'autocast', 'int8', 'auto'] as const;

/**
 * What the networks compute in. `autocast`: the UNet and the decoder in float16 on GPUs; `full`: float32 everywhere. Both are
 * float32 on processors, and paint the reference's picture there. `int8`: most of the UNet in 8 bits, on a processor, which
 * paints nearly that picture with steps of less than half the time. `auto`: int8 on processors that have instructions for
 * it, else autocast.
 */
export type Precision = (typeof PRECISIONS)[number];

/** @throws EaselError if int8 is asked for and cannot be. */
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
