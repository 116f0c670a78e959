import { freeMemory } from './free-memory.js';

/** For Node itself, and for what estimates leave out. */
const RESERVE = 128 * 2 ** 20;

/** Bytes that a network takes: kept from its first run on, and beyond that while it runs. */
export interface Need {
  readonly held: number;
  readonly more: number;
}

export const total = ({ held, more }: Need): number => held + more;

interface Holder {
  release(): Promise<void>;
}

/** The memory that a model's networks share. */
export class Memory {
  readonly #left: () => number;
  readonly #held = new Map<Holder, number>();

  /** @param left bytes that this process can still take. */
  constructor(left: () => number = freeMemory) {
    this.#left = left;
  }

  /** Bytes that a network could take without another being released. */
  freeFor(holder: Holder): number {
    return this.#left() - RESERVE + (this.#held.get(holder) ?? 0);
  }

  /** Bytes that a network could take if all others were released. */
  get most(): number {
    return this.#left() - RESERVE + [...this.#held.values()].reduce((a, b) => a + b, 0);
  }

  holds(holder: Holder, bytes: number): void {
    this.#held.set(holder, bytes);
  }

  released(holder: Holder): void {
    this.#held.delete(holder);
  }

  async releaseAllBut(holder: Holder): Promise<void> {
    for (const other of [...this.#held.keys()]) if (other !== holder) await other.release();
  }
}
