import type { Job, JobProgress } from '../request/job.js';

/** Events for metrics and logs; listeners get the job and, for some, seconds. */
export interface JobEvents {
  queued: [job: Job];
  /** `waited`: seconds since the request. */
  started: [job: Job, waited: number];
  progress: [job: Job, progress: JobProgress];
  /** `painter`: its name. `cpu`: seconds of processors; 0 from a painter of an earlier version. */
  painted: [job: Job, seconds: number, painter: string, cpu: number];
  failed: [job: Job, error: unknown];
  cancelled: [job: Job];
  delivered: [job: Job];
  moved: [];
}
