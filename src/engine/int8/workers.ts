import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { CheckpointError } from '../errors.js';
import type { Int8Demand } from '../graph/form.js';
import { compiledFile } from '../package-root.js';
import { type QuantizedValues, quantized } from './quantize.js';
import type { Answer, Job } from './worker.js';

/** Each holds one weight in float32: 0.12 GB for the largest. */
const MOST_WORKERS = 4;

/** The compiled file, even when this one runs from source. In a bundle that has left the package behind, there is none. */
const ENTRY = compiledFile('int8/worker.js');

/**
 * Quantizes weights in worker threads, in any order.
 *
 * @param take is called once per weight; a thread goes on when it resolves.
 * @throws CheckpointError if a weight cannot be read; whatever `take` throws.
 */
export async function quantizeAll(
  demands: readonly Int8Demand[],
  { largest, threads = availableParallelism() }: { largest: number; threads?: number },
  take: (index: number, values: QuantizedValues) => Promise<void>,
): Promise<void> {
  const next = demands.keys();
  let failed = false;
  const work = async () => {
    const worker = existsSync(ENTRY) ? new Worker(ENTRY, { execArgv: [] }) : undefined;
    try {
      for (let { done, value } = next.next(); !done && !failed; { done, value } = next.next()) {
        const job = { demand: demands[value!]!, largest };
        await take(value!, await (worker ? ask(worker, job) : quantized(job.demand, largest)));
      }
    } catch (error) {
      failed = true;
      throw error;
    } finally {
      await worker?.terminate();
    }
  };
  const count = Math.min(threads, MOST_WORKERS, demands.length);
  const results = await Promise.allSettled(Array.from({ length: count }, work));
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

async function ask(worker: Worker, job: Job): Promise<QuantizedValues> {
  worker.postMessage(job);
  const [answer] = (await once(worker, 'message')) as [Answer];
  if ('failed' in answer) throw new CheckpointError(answer.failed);
  return answer;
}
