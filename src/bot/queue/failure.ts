import { RequestError } from '../../engine/errors.js';
import type { Job, Outcome } from '../request/job.js';
import { translateFor } from '../text/i18n.js';
import { Refusal } from '../text/refusal.js';

/** What a job's author is told about an error; null if it is not about their request, in which case `id` is logged. */
export function failureOf(error: unknown, { id, origin }: Job): Extract<Outcome, { kind: 'failed' }> {
  if (error instanceof Refusal) {
    // Delivering quotes the whole text.
    const message = error.text(translateFor(origin.locale), (words) => words);
    return { kind: 'failed', message, id };
  }
  if (!(error instanceof RequestError)) return { kind: 'failed', message: null, id };
  const { message, meaning } = error;
  return { kind: 'failed', message, meaning, id };
}
