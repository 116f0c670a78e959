import type { Feeds, NetworkSession, Output } from './session.js';

/** What a network needs of its session. */
export type Runner = Pick<NetworkSession, 'run' | 'outputNames' | 'inputShape' | 'release'>;

/**
 * A network in float16, as long as its numbers fit. Autoencoders and UNets of SD v1's family may leave its range, some
 * fine-tunes' more than others: what comes out is then NaN or black, and it is run again in float32, from then on always.
 */
export class HalfSession implements Runner {
  readonly #half: Runner;
  readonly #full: Runner;
  readonly #fits: (values: Float32Array) => boolean;
  readonly #onOverflow: () => void;
  #current: Runner;

  /** @param onOverflow called once, when float32 has given what float16 could not. */
  constructor(half: Runner, full: Runner, fits: (values: Float32Array) => boolean, onOverflow: () => void) {
    this.#half = half;
    this.#full = full;
    this.#fits = fits;
    this.#onOverflow = onOverflow;
    this.#current = half;
  }

  async run(feeds: Feeds, outputs?: readonly string[]): Promise<Record<string, Output>> {
    const first = await this.#current.run(feeds, outputs);
    if (this.#current === this.#full || this.#areFit(first)) return first;
    // There may be no room for both.
    await this.#half.release();
    const again = await this.#full.run(feeds, outputs);
    if (this.#areFit(again)) {
      this.#current = this.#full;
      this.#onOverflow();
    } else {
      await this.#full.release();
    }
    return again;
  }

  outputNames(): Promise<readonly string[]> {
    return this.#current.outputNames();
  }

  inputShape(name: string): Promise<readonly (number | string)[] | undefined> {
    return this.#current.inputShape(name);
  }

  release(): Promise<void> {
    return this.#current.release();
  }

  #areFit(outputs: Record<string, Output>): boolean {
    return Object.values(outputs).every(({ data }) => this.#fits(data));
  }
}
