import type { ControlNetworks } from '../../engine/runtime/control-networks.js';

interface Held {
  readonly net: Promise<ControlNetworks>;
  /** Jobs that paint with it now. */
  users: number;
}

/** A ControlNet for one job; disposing gives it back. */
export interface Lent extends AsyncDisposable {
  readonly net: ControlNetworks | undefined;
}

/**
 * The ControlNets that are open, which at full size take more than a gigabyte each: one is opened once, kept for the next
 * job, and released when a job begins that paints without it.
 */
export class ControlShelf {
  readonly #held = new Map<string, Held>();

  constructor(private readonly open: (path: string) => Promise<ControlNetworks>) {}

  /** @param path undefined for a job without a ControlNet. */
  async lend(path: string | undefined): Promise<Lent> {
    const unused = [...this.#held].filter(([other, { users }]) => other !== path && users === 0);
    for (const [other] of unused) this.#held.delete(other);
    for (const [, { net }] of unused) await (await net).release();
    if (path === undefined) return { net: undefined, [Symbol.asyncDispose]: async () => {} };
    const held = this.#held.get(path) ?? { net: this.open(path), users: 0 };
    this.#held.set(path, held);
    held.users++;
    try {
      const net = await held.net;
      return {
        net,
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
