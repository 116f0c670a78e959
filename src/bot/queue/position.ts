import type { Job } from '../request/job.js';
import type { Lane } from './estimates.js';

/**
 * The position of the last of the waiting jobs among those that the same painters can paint: 0 if one of them is free for
 * it, 1 if it is the next.
 */
export function positionOfLast(waiting: readonly Pick<Job, 'request'>[], lanes: readonly Lane[]): number {
  const last = waiting.at(-1)!.request;
  const own = lanes.filter(({ can }) => can(last));
  if (own.length === 0) return waiting.length;
  const rivals = waiting.filter(({ request }) => own.some(({ can }) => can(request)));
  const free = own.filter(({ running, rest }) => running.length === 0 && rest === 0);
  return Math.max(0, rivals.length - free.length);
}
