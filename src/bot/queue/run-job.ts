import type { EventEmitter } from 'node:events';
import type { Logger } from 'pino';
import { RequestError } from '../../engine/errors.js';
import { type Painter, PainterDied } from '../painter/painter.js';
import type { Job, Outcome } from '../request/job.js';
import type { Pictures } from '../storage/pictures.js';
import type { Entry } from './entry.js';
import type { Estimates } from './estimates.js';
import type { JobEvents } from './events.js';
import { failureOf } from './failure.js';
import type { JobRecords } from './job-records.js';
import type { SharedClock } from './shared-clock.js';

/** After this many deaths of the painter, a job is not tried again. */
const MAX_ATTEMPTS = 2;

export interface RunOptions {
  readonly records: JobRecords;
  readonly estimates: Estimates;
  readonly pictures: Pictures;
  readonly events: EventEmitter<JobEvents>;
  readonly log: Logger;
  /** Of the painter: its jobs share it. */
  readonly clock: SharedClock;
  /** Called when the painter has opened the model. */
  readonly onBegun: () => void;
}

/**
 * Paints a running job, and again if the painter dies. Never throws: all errors are the job's outcome. As soon as it is
 * known to be painted or failed, the entry ends, in the same turn of the event loop: cancelling later is refused.
 *
 * A job on which the painter died is painted alone, so that a second death is its own: whoever was in company with a job
 * that kills the painter loses no more than that.
 *
 * @returns null if it is to be painted after the next start.
 */
export async function runJob(
  entry: Entry,
  painter: Pick<Painter, 'paint'>,
  options: RunOptions,
): Promise<Outcome | null> {
  const { job, signal } = entry;
  const { estimates, events, log } = options;
  for (;;) {
    try {
      const [source, mask] = await Promise.all([
        'source' in job.request ? pictureAt(job.request.source, options) : undefined,
        'mask' in job.request ? pictureAt(job.request.mask, options) : undefined,
      ]);
      const painted = await painter.paint(job.request, {
        locale: job.origin.locale,
        source,
        mask,
        signal,
        alone: job.attempts > 0,
        onBegun: () => {
          entry.begin(options.clock);
          options.onBegun();
        },
        onProgress: ({ step, total, secondsLeft, preview }) => {
          // `npm run measure:start` waits for this line.
          if (step === 1) log.debug({ job: job.id }, 'the first step');
          // The first step includes warming up, so it says little.
          if (step > 1) entry.painted = { share: step / total, secondsLeft };
          events.emit('progress', job, { position: 0, secondsLeft: estimates.left(entry), step, total, preview });
        },
      });
      // It was cancelled after the last step, or while the pictures were on their way from the painter process.
      if (entry.cancelled) return { kind: 'cancelled' };
      entry.become('ended');
      const seconds = entry.spent;
      events.emit('painted', job, seconds);
      await estimates.learn(job, seconds);
      return { kind: 'painted', ...painted };
    } catch (error) {
      const died = error instanceof PainterDied && !signal.aborted;
      const again = died && (await mayTryAgain(job, error, options));
      if (entry.stopped) return null;
      if (entry.cancelled) return { kind: 'cancelled' };
      if (again) continue;
      entry.become('ended');
      events.emit('failed', job, error);
      const failure = failureOf(error, job.id);
      if (failure.message === null) log.error({ job: job.id, err: error }, 'a job failed');
      return failure;
    } finally {
      entry.pause();
    }
  }
}

async function mayTryAgain(job: Job, error: PainterDied, { records, log }: RunOptions): Promise<boolean> {
  job.attempts++;
  log.error({ job: job.id, attempts: job.attempts, err: error }, 'the painter died on a job');
  if (job.attempts >= MAX_ATTEMPTS) return false;
  await records.save(job).catch((err) => log.error({ job: job.id, err }, 'the number of attempts could not be saved'));
  return true;
}

async function pictureAt(key: string, { pictures }: RunOptions): Promise<Uint8Array> {
  const bytes = await pictures.get(key);
  if (bytes) return bytes;
  throw new RequestError('The picture to start from is no longer there. Upload it again.', {
    meaning: { code: 'sourceGone', values: {} },
  });
}
