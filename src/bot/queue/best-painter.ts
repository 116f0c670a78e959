import type { JobPainter } from '../painter/job-painter.js';
import type { PaintRequest } from '../request/paint-request.js';
import type { Estimates } from './estimates.js';
import type { Fleet } from './fleet.js';

/** Of several free painters: one that does not keep failing, has the model in its memory, and is fast. */
export function bestPainter(
  request: PaintRequest,
  free: readonly JobPainter[],
  fleet: Pick<Fleet, 'failuresOf'>,
  estimates: Pick<Estimates, 'ofRequest'>,
): JobPainter {
  const ranked = free.map((painter) => ({
    painter,
    rank: [
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
