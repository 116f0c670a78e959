import { RequestError } from '../../engine/errors.js';
import type { Outcome } from '../request/job.js';

/** What a job's author is told about an error; null if it is not about their request, in which case `id` is logged. */
export function failureOf(error: unknown, id: string): Extract<Outcome, { kind: 'failed' }> {
  if (!(error instanceof RequestError)) return { kind: 'failed', message: null, id };
  const { message, meaning } = error;
  return { kind: 'failed', message, meaning, id };
}
