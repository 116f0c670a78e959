/**
 * What jobs take of the processor, in seconds over all cores. What the process spends while several are painted is shared among
 * them in equal parts.
 */
export class CpuMeter {
  /** Seconds so far of each job that is being painted. */
  readonly #running = new Map<object, number>();
  #last: number;

  /** @param now the process's CPU seconds. */
  constructor(private readonly now: () => number = spent) {
    this.#last = now();
  }

  /** @returns ends the job, and says what it took. */
  begin(): () => number {
    this.#share();
    const job = {};
    this.#running.set(job, 0);
    return () => {
      this.#share();
      const seconds = this.#running.get(job)!;
      this.#running.delete(job);
      return seconds;
    };
  }

  #share(): void {
    const now = this.now();
    for (const [job, seconds] of this.#running) {
      this.#running.set(job, seconds + (now - this.#last) / this.#running.size);
    }
    this.#last = now;
  }
}

function spent(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
