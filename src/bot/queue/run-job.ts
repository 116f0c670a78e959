import type { EventEmitter } from 'node:events';
import type { Logger } from 'pino';
import { CONTROL_KINDS } from '../../engine/checkpoint/controlnets.js';
import { RequestError } from '../../engine/errors.js';
import type { Leader } from '../leader/leader.js';
import { fitOf } from '../painter/fit.js';
import type { Inspectors } from '../painter/inspectors.js';
import { type JobPainter, PainterAway, PainterDied } from '../painter/job-painter.js';
import type { JobPictures } from '../painter/messages.js';
import type { Job, Outcome } from '../request/job.js';
import type { Pictures } from '../storage/pictures.js';
import type { Notice } from '../text/notice.js';
import type { Entry } from './entry.js';
import type { Estimates } from './estimates.js';
import type { JobEvents } from './events.js';
import { failureOf } from './failure.js';
import type { Fleet } from './fleet.js';
import type { JobRecords } from './job-records.js';

/** After this many deaths of the painter, a job is not tried again. */
const MAX_ATTEMPTS = 2;

export interface RunOptions {
  readonly records: JobRecords;
  readonly estimates: Estimates;
  readonly fleet: Fleet;
  readonly pictures: Pictures;
  readonly inspectors: Pick<Inspectors, 'source' | 'covering' | 'control'>;
  readonly events: EventEmitter<JobEvents>;
  readonly log: Logger;
  readonly leader?: Pick<Leader, 'certainty'>;
  /** Called when the painter has opened the model. */
  readonly onBegun: () => void;
}

/**
 * Paints a running job. Never throws: all errors are the job's outcome. As soon as it is known to be painted or failed,
 * the entry ends, in the same turn of the event loop: cancelling later is refused.
 *
 * A job on which the painter died is painted alone, so that a second death is its own: whoever was in company with a job
 * that kills the painter loses no more than that.
 *
 * @returns 'again' if it is to be painted by this painter or another; null if after the next start.
 */
export async function runJob(
  entry: Entry,
  painter: JobPainter,
  options: RunOptions,
): Promise<Outcome | 'again' | null> {
  const { job, signal } = entry;
  const { estimates, events, fleet, log } = options;
  const began = performance.now();
  try {
    await options.leader?.certainty(signal);
    const given = await filesOf(job, options);
    const told: Notice[] = [];
    const painted = await painter.paint(job.request, {
      job,
      locale: job.origin.locale,
      pictures: async (sizeStep) => {
        const decoded = await picturesOf(job, given, sizeStep, signal, options);
        if (decoded.source && decoded.source.frames > 1) told.push(firstOf(decoded.source.frames));
        return decoded;
      },
      signal,
      alone: job.attempts > 0,
      onBegun: () => {
        entry.begin(fleet.clockOf(painter));
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
    const { pictures, notices, by = painter.name, seconds = entry.spent, cpu = 0 } = painted;
    // It was cancelled after the last step, or while the pictures were on their way from the painter process.
    if (entry.cancelled) return { kind: 'cancelled' };
    entry.become('ended');
    fleet.painted(painter, pictures.length, seconds);
    events.emit('painted', job, seconds, by, cpu);
    await estimates.learn(job, seconds, by);
    return { kind: 'painted', pictures, notices: [...told, ...notices] };
  } catch (error) {
    const wanted = !signal.aborted;
    if (wanted && isPaintersFault(error)) fleet.failed(painter, began);
    const again =
      wanted &&
      (error instanceof PainterAway || (error instanceof PainterDied && (await mayTryAgain(job, error, options))));
    if (entry.stopped) return null;
    if (entry.cancelled) return { kind: 'cancelled' };
    if (again) return 'again';
    entry.become('ended');
    events.emit('failed', job, error);
    const failure = failureOf(error, job);
    if (failure.message === null) log.error({ job: job.id, painter: painter.name, err: error }, 'a job failed');
    return failure;
  } finally {
    entry.pause();
  }
}

/** A model that cannot be opened fails every job that asks for it, which is no reason to let a painter rest. */
function isPaintersFault(error: unknown): boolean {
  if (error instanceof RequestError || error instanceof PainterAway) return false;
  return !(error instanceof Error && error.name === 'CheckpointError');
}

async function mayTryAgain(job: Job, error: PainterDied, { records, log }: RunOptions): Promise<boolean> {
  job.attempts++;
  log.error({ job: job.id, attempts: job.attempts, err: error }, 'the painter died on a job');
  if (job.attempts >= MAX_ATTEMPTS) return false;
  await records.save(job).catch((err) => log.error({ job: job.id, err }, 'the number of attempts could not be saved'));
  return true;
}

/** The files that a request names. */
interface Files {
  readonly source?: Uint8Array | undefined;
  /** Those that are blended with it. */
  readonly others: readonly Uint8Array[];
  readonly mask?: Uint8Array | undefined;
  /** Of the picture that steers. */
  readonly control?: Uint8Array | undefined;
}

async function filesOf({ request }: Job, options: RunOptions): Promise<Files> {
  const [source, others, mask, control] = await Promise.all([
    'source' in request ? fileAt(request.source, options) : undefined,
    Promise.all(request.kind === 'blend' ? request.others.map((key) => fileAt(key, options)) : []),
    'mask' in request ? fileAt(request.mask, options) : undefined,
    request.control && fileAt(request.control.image, options),
  ]);
  return { source, others, mask, control };
}

async function fileAt(key: string, { pictures }: RunOptions): Promise<Uint8Array> {
  const bytes = await pictures.get(key);
  if (bytes) return bytes;
  throw new RequestError('The picture to start from is no longer there. Upload it again.', {
    meaning: { code: 'sourceGone', values: {} },
  });
}

/** Decoded in other processes, so that a hostile file harms neither the painter nor the bot. */
async function picturesOf(
  { id, request }: Job,
  { source, others, mask, control }: Files,
  sizeStep: number,
  signal: AbortSignal,
  { inspectors }: RunOptions,
): Promise<JobPictures> {
  const options = { owner: id, signal };
  const start = source && (await inspectors.source(source, mask, fitOf(request, sizeStep), options));
  const blended = [];
  for (const other of others) blended.push(await inspectors.covering(other, start!.image, options));
  // In the size of what is painted.
  const steering =
    control &&
    (await inspectors.control(
      control,
      start?.image ?? request,
      CONTROL_KINDS[request.control!.kind].preprocessor,
      options,
    ));
  return {
    ...(start && { source: start }),
    ...(blended.length > 0 && { others: blended }),
    ...(steering && { control: steering }),
  };
}

/** Of an animation, or a file with pages, only the first picture is used. */
function firstOf(frames: number): Notice {
  return {
    text: `The file has ${frames} pictures in it; only the first was used.`,
    meaning: { code: 'firstFrame', values: { frames } },
  };
}
