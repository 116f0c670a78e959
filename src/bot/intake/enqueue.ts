import type { App } from '../app.js';
import type { Job, JobOrigin } from '../request/job.js';
import { newJobId } from '../request/job-id.js';
import type { PaintRequest } from '../request/paint-request.js';
import { workOf } from '../request/work.js';
import type { ResultRecord } from '../storage/results.js';
import { Refusal } from '../text/refusal.js';
import type { Told } from '../text/told.js';
import type { Admission } from './admission.js';

export function newJob(request: PaintRequest, origin: JobOrigin, notices: readonly Told[] = []): Job {
  const job = { id: newJobId(), request, origin, createdAt: Date.now(), work: workOf(request), attempts: 0 };
  return notices.length > 0 ? { ...job, notices } : job;
}

/** Writes a job down and lines it up; what was taken for it is given back, and it is forgotten, if that fails. */
export async function enqueue(
  app: App,
  job: Job,
  admission: Admission,
  parent?: ResultRecord['parent'],
): Promise<void> {
  try {
    await app.results.remember(job, parent);
    await app.jobs.submit(job);
  } catch (error) {
    const undone = undo(app, job, admission);
    // A store that is away would keep the answer back until it is too late for one.
    if (!(error instanceof Refusal && error.key === 'store')) await undone;
    throw error;
  }
}

/**
 * Gives back what was taken for a request that came to nothing, and forgets it: the limits give it back, so such records
 * would have no bound. Never throws: what went wrong before is what is to be told.
 */
export async function undo(app: App, { id }: Job, admission: Admission): Promise<void> {
  const said = (what: string) => (err: unknown) => app.log.warn({ job: id, err }, what);
  await admission.refund().catch(said('what a request took of an hour was not given back'));
  await app.results
    .forget({ jobs: new Set([id]), pointers: [] })
    .catch(said('a request that came to nothing is still in the store'));
}
