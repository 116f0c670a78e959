/** One of those who share a clock. */
export interface Share {
  /** Its part of the time since it came. */
  readonly seconds: number;
  /** How many share the clock now. */
  readonly company: number;
  /** May be called again. */
  leave(): void;
}

/**
 * Time that is shared by all who are there: when there are n, a second is 1/n second for each (the virtual time of
 * weighted fair queueing, Demers, Keshav and Shenker, SIGCOMM 1989). So what a job takes does not depend on its company,
 * except for what the company saves.
 */
export class SharedClock {
  readonly #members = new Set<Share>();
  /** Seconds of one who would always have been here, at the time of #at. */
  #time = 0;
  #at: number;

  /** @param now milliseconds. */
  constructor(private readonly now: () => number = () => performance.now()) {
    this.#at = now();
  }

  enter(): Share {
    const began = this.#read();
    let ended: number | undefined;
    const clock = this;
    const share: Share = {
      get seconds() {
        return (ended ?? clock.#read()) - began;
      },
      get company() {
        return Math.max(1, clock.#members.size);
      },
      leave() {
        ended ??= clock.#read();
        clock.#members.delete(share);
      },
    };
    this.#members.add(share);
    return share;
  }

  #read(): number {
    const now = this.now();
    this.#time += (now - this.#at) / 1000 / Math.max(1, this.#members.size);
    this.#at = now;
    return this.#time;
  }
}
