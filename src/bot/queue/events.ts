import type { Job, JobProgress } from '../request/job.js';

/** What happened, for metrics and logs; listeners get the job and, where there is one, seconds. */
export interface JobEvents {
  queued: [job: Job];
  /** `waited` seconds since it was asked for. */
  started: [job: Job, waited: number];
  progress: [job: Job, progress: JobProgress];
  painted: [job: Job, seconds: number];
  failed: [job: Job, error: unknown];
  cancelled: [job: Job];
  delivered: [job: Job];
  moved: [];
}
