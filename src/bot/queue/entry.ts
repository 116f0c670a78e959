import type { Job } from '../request/job.js';

class Cancelled extends Error {}
class Stopping extends Error {}

/** `saving`: on its way into the store. `waiting` for its turn. `running`. `ended`: it has an outcome. */
export type State = 'saving' | 'waiting' | 'running' | 'ended';

/** What each state may become; ending twice is ending. A job that is given back when the bot stops leaves without an end. */
const NEXT: Record<State, readonly State[]> = {
  saving: ['waiting', 'ended'],
  waiting: ['running', 'ended'],
  running: ['ended'],
  ended: ['ended'],
};

/**
 * One job between its request and its outcome.
 *
 * Invariants: the state only moves as NEXT says. At most one of cancelling and stopping happens, once, and not after the
 * end: so whoever hears that a job is cancelled never gets a picture.
 */
export class Entry {
  readonly #abort = new AbortController();
  #state: State = 'saving';
  /** Milliseconds since the epoch; 0 before it runs. */
  startedAt = 0;
  /** How much of it is painted, 0..1, and what the painter thinks the rest takes; null before that says anything. */
  painted: { share: number; secondsLeft: number } | null = null;

  constructor(readonly job: Job) {}

  get state(): State {
    return this.#state;
  }

  /** @throws RangeError for what a job in its state cannot become. */
  become(state: State): void {
    if (!NEXT[this.#state].includes(state)) throw new RangeError(`A job that is ${this.#state} cannot be ${state}.`);
    this.#state = state;
    if (state === 'running') this.startedAt = Date.now();
  }

  /** The painter is ready for it: what was before, such as opening a model, is no part of how long a job takes. */
  begin(): void {
    this.startedAt = Date.now();
  }

  /** @returns false when it is too late, or has happened already. */
  cancel(): boolean {
    return this.#interrupt(new Cancelled());
  }

  /** Interrupts a job that is to be painted after the next start. */
  stop(): void {
    this.#interrupt(new Stopping());
  }

  get cancelled(): boolean {
    return this.signal.reason instanceof Cancelled;
  }

  get stopped(): boolean {
    return this.signal.reason instanceof Stopping;
  }

  /** Aborted when it is cancelled or stopped. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  #interrupt(reason: Error): boolean {
    if (this.#state === 'ended' || this.signal.aborted) return false;
    this.#abort.abort(reason);
    return true;
  }
}
