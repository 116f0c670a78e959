/** Differences below this are the way of an answer and the second that headers are rounded to. Milliseconds. */
const UNNOTICED = 5000;

/**
 * What time it is at Discord, by the `Date` of its answers: this machine's clock may be wrong, and times that are shown
 * (`<t:...:R>`) are compared with the readers' clocks.
 */
export class DiscordClock {
  #offset = 0;

  /** @param now this machine's clock, milliseconds since the epoch. */
  constructor(private readonly machine: () => number = Date.now) {}

  /** @param date a `Date` header. */
  learn(date: string | null): void {
    const there = Date.parse(date ?? '');
    if (Number.isNaN(there)) return;
    const offset = there - this.machine();
    this.#offset = Math.abs(offset) < UNNOTICED ? 0 : offset;
  }

  /** Milliseconds since the epoch. */
  readonly now = (): number => this.machine() + this.#offset;
}
