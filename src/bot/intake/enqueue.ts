import type { Logger } from 'pino';
import type { Config } from '../../config.js';
import type { Place } from '../gateway/place.js';
import type { Job, JobOrigin, JobQueue } from '../request/job.js';
import { newJobId } from '../request/job-id.js';
import type { PaintRequest } from '../request/paint-request.js';
import { workOf } from '../request/work.js';
import { keepsFlagged } from '../rules/place-rules.js';
import type { Settings } from '../rules/settings.js';
import type { ResultRecord, Results } from '../storage/results.js';
import type { Notice } from '../text/notice.js';
import { Refusal } from '../text/refusal.js';
import { type Admission, type AdmissionNeeds, admit } from './admission.js';
import { unguided } from './ignored.js';
import { withWildcards } from './wildcards.js';

export interface EnqueueNeeds {
  readonly jobs: JobQueue;
  readonly results: Results;
  readonly log: Logger;
}

/** What {@link admittedJob} needs. */
export type AdmittedNeeds = AdmissionNeeds & { readonly config: Pick<Config, 'dataDir'> };

export function newJob(request: PaintRequest, origin: JobOrigin, notices: readonly Notice[] = []): Job {
  const told = [...notices, ...unguided(request)];
  const job = { id: newJobId(), request, origin, createdAt: Date.now(), work: workOf(request), attempts: 0 };
  return told.length > 0 ? { ...job, notices: told } : job;
}

/**
 * The job of a request, if it is admitted: with words of this time for its wildcards, and by the rules of now.
 *
 * @throws Refusal
 */
export async function admittedJob(
  needs: AdmittedNeeds,
  { place, settings, origin }: { place: Place; settings: Settings; origin: JobOrigin },
  asked: PaintRequest,
  notices: readonly Notice[],
): Promise<{ job: Job; admission: Admission }> {
  const { request, notices: unknown } = await withWildcards(needs.config.dataDir, settings, asked);
  const admission = await admit(needs, place, settings, request);
  const painted = { ...request, prompt: request.prompt.trim(), keepFlagged: keepsFlagged(settings, place) };
  return { job: newJob(painted, origin, [...notices, ...unknown]), admission };
}

/** Saves a job and queues it. If that fails, what was taken for it is given back, and its record is deleted. */
export async function enqueue(
  needs: EnqueueNeeds,
  job: Job,
  admission: Admission,
  parent?: ResultRecord['parent'],
): Promise<void> {
  try {
    await needs.results.remember(job, parent);
    await needs.jobs.submit(job);
  } catch (error) {
    const undone = undo(needs, job, admission);
    // Waiting for an unreachable store would delay the answer until it is too late.
    if (!(error instanceof Refusal && error.key === 'store')) await undone;
    throw error;
  }
}

/**
 * Gives back what was taken for a failed request and deletes its record: the limits give it back, so nothing else would
 * bound such records. Never throws, since the first error is the one to report.
 */
export async function undo(needs: EnqueueNeeds, { id }: Job, admission: Admission): Promise<void> {
  const said = (what: string) => (err: unknown) => needs.log.warn({ job: id, err }, what);
  await admission.refund().catch(said('what a request took of an hour was not given back'));
  await needs.results
    .forget({ jobs: new Set([id]), pointers: [] })
    .catch(said('a request that came to nothing is still in the store'));
}
