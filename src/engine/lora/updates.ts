import type { StoredTensor } from '../checkpoint/tensor.js';
import { changed, type LoraChange } from './change.js';
import { withMatmul } from './matmul.js';

/** A weight, and what LoRAs do to it. */
export interface Update {
  readonly tensor: StoredTensor;
  readonly changes: readonly LoraChange[];
}

/**
 * The weights with their changes, in order. At full size this takes seconds, without a pause: see {@link Host.update}.
 *
 * @throws CheckpointError, RequestError
 */
export function updated(updates: readonly Update[]): Promise<StoredTensor[]> {
  return withMatmul(async (multiply) => {
    const weights: StoredTensor[] = [];
    for (const { tensor, changes } of updates) weights.push(await changed(tensor, changes, multiply));
    return weights;
  });
}
