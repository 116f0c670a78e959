interface Releasable {
  release(): Promise<void>;
}

interface Held<T> {
  readonly item: Promise<T>;
  /** Jobs that use it now. */
  users: number;
}

/** One for one job; disposing gives it back. */
export interface Lent<T> extends AsyncDisposable {
  readonly item: T | undefined;
}

/**
 * ControlNets or upscalers that are open, of which some take more than a gigabyte: one is opened once, kept for the next
 * job, and released when a job begins that goes without it.
 */
export class Shelf<T extends Releasable> {
  readonly #held = new Map<string, Held<T>>();

  constructor(private readonly open: (path: string) => Promise<T>) {}

  /** @param path undefined for a job that goes without. */
  async lend(path: string | undefined): Promise<Lent<T>> {
    const unused = [...this.#held].filter(([other, { users }]) => other !== path && users === 0);
    for (const [other] of unused) this.#held.delete(other);
    for (const [, { item }] of unused) await (await item).release();
    if (path === undefined) return { item: undefined, [Symbol.asyncDispose]: async () => {} };
    const held = this.#held.get(path) ?? { item: this.open(path), users: 0 };
    this.#held.set(path, held);
    held.users++;
    try {
      const item = await held.item;
      return {
        item,
        [Symbol.asyncDispose]: async () => {
          held.users--;
        },
      };
    } catch (error) {
      // Opened again for the next job: the operator may have mended it.
      this.#held.delete(path);
      throw error;
    }
  }
}
