import { RequestError } from '../../engine/errors.js';
import type { Outcome } from '../request/job.js';

/** What a job's author is told of an error; null when it is not about their request: `id` is in the log then. */
export function failureOf(error: unknown, id: string): Extract<Outcome, { kind: 'failed' }> {
  if (!(error instanceof RequestError)) return { kind: 'failed', message: null, id };
  const { message, meaning } = error;
  return { kind: 'failed', message, meaning, id };
}
