import { parsePrompt } from '../../engine/text/prompt.js';
import type { Job } from '../request/job.js';
import { upscalerOf } from '../request/paint-request.js';
import { isVaried } from '../request/varied.js';

/**
 * Whether a job may be painted at the same time as others. The engine decides again, by what is really painted; jobs
 * that it keeps apart wait for each other there.
 *
 * @param room pictures that the painter takes at the same time.
 */
export function suits(job: Job, company: readonly Job[], room: number): boolean {
  const kind = kindOf(job);
  const pictures = [job, ...company].reduce((sum, one) => sum + picturesAtOnce(one), 0);
  return kind !== null && company.every((one) => kindOf(one) === kind) && pictures <= room;
}

/** Null: alone. */
function kindOf({ request, attempts }: Job): string | null {
  // The painter died on it. If it dies again, no other job must be in it.
  if (attempts > 0) return null;
  // What a ControlNet finds belongs to one request.
  if (request.control) return null;
  // An upscaler is as busy as the model.
  if (upscalerOf(request) !== undefined) return null;
  const { loras } = parsePrompt(request.prompt);
  // Its pictures may differ in their LoRAs, which would then be loaded again and again.
  if (loras.length > 0 && isVaried(request)) return null;
  return JSON.stringify([request.model, request.width, request.height, request.tile, loras]);
}

/** The pictures of a varied request are painted one after another. */
function picturesAtOnce({ request }: Job): number {
  return isVaried(request) ? 1 : request.count;
}
