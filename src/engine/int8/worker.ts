import { parentPort } from 'node:worker_threads';
import type { Int8Demand } from '../graph/form.js';
import { type QuantizedValues, quantized } from './quantize.js';

/** Sent to a worker thread, one weight at a time. */
export interface Job {
  readonly demand: Int8Demand;
  readonly largest: number;
}

export type Answer = QuantizedValues | { readonly failed: string };

parentPort?.on('message', async ({ demand, largest }: Job) => {
  try {
    const values = await quantized(demand, largest);
    parentPort!.postMessage(values, [values.matrix.buffer, values.scale.buffer] as ArrayBuffer[]);
  } catch (error) {
    parentPort!.postMessage({ failed: (error as Error).message });
  }
});
