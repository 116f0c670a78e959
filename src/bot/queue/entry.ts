import type { Job } from '../request/job.js';
import { type Share, SharedClock } from './shared-clock.js';

class Cancelled extends Error {}
export class Stopping extends Error {}

/** `saving`: being written to the store. `waiting`: for its turn. `running`. `ended`: it has an outcome. */
export type State = 'saving' | 'waiting' | 'running' | 'ended';

/**
 * The states that may follow each; ending twice is allowed. A job waits again when its painter has died or gone. Jobs given
 * back when the bot stops never reach an end.
 */
const NEXT: Record<State, readonly State[]> = {
  saving: ['waiting', 'ended'],
  waiting: ['running', 'ended'],
  running: ['waiting', 'ended'],
  ended: ['ended'],
};

/**
 * One job from request to outcome.
 *
 * Invariants: the state only changes as in NEXT. A job is cancelled or stopped at most once, never both, and not after
 * its end, so whoever is told that a job is cancelled never gets a picture.
 */
export class Entry {
  readonly #abort = new AbortController();
  #state: State = 'saving';
  #share?: Share;
  /** Milliseconds since the epoch; 0 before it runs. */
  startedAt = 0;
  /** The name of the painter that has it, or had it last; null before it runs. */
  painter: string | null = null;
  /** The share that is painted, 0..1, and the painter's estimate for the rest; null until it reports. */
  painted: { share: number; secondsLeft: number } | null = null;

  constructor(readonly job: Job) {}

  get state(): State {
    return this.#state;
  }

  /** @throws RangeError if the job's state cannot become this one. */
  become(state: State): void {
    if (!NEXT[this.#state].includes(state)) throw new RangeError(`A job that is ${this.#state} cannot be ${state}.`);
    this.#state = state;
    if (state === 'running') this.startedAt = Date.now();
  }

  /**
   * The painter is ready: time spent before, such as opening a model, does not count towards how long a job takes.
   *
   * @param clock of the painter, which everything that it paints shares.
   */
  begin(clock = new SharedClock()): void {
    this.pause();
    this.#share = clock.enter();
    this.startedAt = Date.now();
  }

  /** The painter has stopped working on it. */
  pause(): void {
    this.#share?.leave();
  }

  /** It waits for another try: nothing is left of this one. */
  again(): void {
    this.pause();
    this.#share = undefined;
    this.painted = null;
    this.become('waiting');
  }

  /** Seconds of the painter's time that it has had. */
  get spent(): number {
    return this.#share?.seconds ?? (Date.now() - this.startedAt) / 1000;
  }

  /** How many jobs share the painter's time, this one included. */
  get company(): number {
    return this.#share?.company ?? 1;
  }

  /** @returns false if it is too late, or cancelled already. */
  cancel(): boolean {
    return this.#interrupt(new Cancelled());
  }

  /** Interrupts a job that will be painted after the next start. */
  stop(): void {
    this.#interrupt(new Stopping());
  }

  get cancelled(): boolean {
    return this.signal.reason instanceof Cancelled;
  }

  get stopped(): boolean {
    return this.signal.reason instanceof Stopping;
  }

  /** Aborted when the job is cancelled or stopped. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  #interrupt(reason: Error): boolean {
    if (this.#state === 'ended' || this.signal.aborted) return false;
    this.#abort.abort(reason);
    return true;
  }
}
