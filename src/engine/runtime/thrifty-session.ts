import type { Runner } from './half-session.js';
import { type Memory, type Need, total } from './memory.js';
import type { Feeds, Output } from './session.js';

/** A way to run a network. */
export interface Way {
  readonly session: Runner;
  /** @param shape of the network's first input. */
  need(shape: readonly number[]): Need;
  /** Whether its memory is kept between runs. */
  readonly keepsMemory?: boolean;
}

/**
 * A network in the fastest way for which there is enough memory at the moment; if there is enough for none, the networks
 * that are not running are released.
 */
export class ThriftySession implements Runner {
  readonly #ways: readonly Way[];
  readonly #memory: Memory;
  #current: Way;
  /** The shape of its last run. */
  #shape = '';

  /** @param ways the fastest first, the one that takes the least last. */
  constructor(ways: readonly Way[], memory: Memory) {
    this.#ways = ways;
    this.#memory = memory;
    this.#current = ways[0]!;
  }

  /** What a run takes at least. */
  least(shape: readonly number[]): number {
    return Math.min(...this.#ways.map((way) => total(way.need(shape))));
  }

  /** Whether there is enough memory for a run. */
  fits(shape: readonly number[]): boolean {
    return this.least(shape) <= this.most;
  }

  /** Bytes that it could take if everything else were released. */
  get most(): number {
    return this.#memory.most;
  }

  run(feeds: Feeds, outputs?: readonly string[]): Promise<Record<string, Output>> {
    return this.#current.session.run(feeds, outputs);
  }

  outputNames(): Promise<readonly string[]> {
    return this.#current.session.outputNames();
  }

  inputShape(name: string): Promise<readonly (number | string)[] | undefined> {
    return this.#current.session.inputShape(name);
  }

  async release(): Promise<void> {
    this.#memory.released(this);
    await this.#current.session.release();
  }

  async readyFor(shape: readonly number[]): Promise<void> {
    await this.#choose(shape);
    const { held, more } = this.#current.need(shape);
    this.#memory.holds(this, this.#current.keepsMemory ? held + more : held);
  }

  async #choose(shape: readonly number[]): Promise<void> {
    const fits = (way: Way) => total(way.need(shape)) <= this.#memory.freeFor(this);
    const same = String(shape) === this.#shape;
    this.#shape = String(shape);
    // Creating a session takes seconds: not between two steps only because memory has become free.
    if (same && fits(this.#current)) return;
    let way = this.#ways.find(fits);
    if (!way) {
      await this.#memory.releaseAllBut(this);
      way = this.#ways.find(fits) ?? this.#ways.at(-1)!;
    }
    if (way === this.#current) return;
    await this.release();
    this.#current = way;
  }
}
