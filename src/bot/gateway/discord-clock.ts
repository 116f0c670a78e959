/** Milliseconds below which a difference is due to latency and to headers having whole seconds. */
const UNNOTICED = 5000;

/**
 * Discord's time, from the `Date` header of its answers. This machine's clock may be wrong, and times in messages
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
