import type { Attempt, JobPainter } from '../painter/job-painter.js';
import type { Job } from '../request/job.js';
import type { Estimates } from './estimates.js';
import type { Fleet } from './fleet.js';

/**
 * Of several free painters: one that has the job already, from before a restart of the bot, and none that so has another if
 * there is a choice; then one that does not keep failing, has the model in its memory, and is fast.
 *
 * @param waits whether an attempt at a job waits to be handed out.
 */
export function bestPainter(
  { id, attempts, request }: Pick<Job, 'id' | 'attempts' | 'request'>,
  free: readonly JobPainter[],
  waits: (attempt: Attempt) => boolean,
  fleet: Pick<Fleet, 'failuresOf'>,
  estimates: Pick<Estimates, 'ofRequest'>,
): JobPainter {
  const held = (attempt: Attempt | null | undefined) => {
    if (!attempt || !waits(attempt)) return 1;
    return attempt.id === id && attempt.attempts === attempts ? 0 : 2;
  };
  const ranked = free.map((painter) => ({
    painter,
    rank: [
      held(painter.busyWith),
      fleet.failuresOf(painter),
      painter.model === request.model ? 0 : 1,
      estimates.ofRequest(request, painter.name) ?? Number.MAX_VALUE,
    ],
  }));
  return ranked.reduce((best, other) => (isBefore(other.rank, best.rank) ? other : best)).painter;
}

/** By the first of the numbers that differ. */
function isBefore(a: readonly number[], b: readonly number[]): boolean {
  const k = a.findIndex((value, index) => value !== b[index]);
  return k !== -1 && a[k]! < b[k]!;
}
