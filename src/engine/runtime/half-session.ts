import type { Feeds, NetworkSession, Output } from './session.js';

/** What a network needs of its session. */
export interface Runner extends Pick<NetworkSession, 'run' | 'outputNames' | 'inputShape' | 'release'> {
  /** Called before anything else about a run, with the shape of its first input. */
  readyFor?(shape: readonly number[]): Promise<void>;
  /** Bytes that a run takes at least, where that is known. */
  least?(shape: readonly number[]): number;
}

/**
 * A network in float16 or int8, as long as its numbers fit. The autoencoders and UNets of some SD v1 models exceed its
 * range: the output is then NaN or black, and the network is run again in float32, then and from then on. So are graphs that
 * others exported, whose numbers we do not choose: on the CPU.
 */
export class HalfSession implements Runner {
  readonly #half: Runner;
  readonly #full: Runner;
  readonly #fits: (values: Float32Array) => boolean;
  readonly #onOverflow: () => void;
  #current: Runner;
  /** Of the run that comes. */
  #shape: readonly number[] = [];

  /** @param onOverflow called once, when float32 has succeeded where float16 did not. */
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
    // There may not be enough memory for both.
    await this.#half.release();
    await this.#full.readyFor?.(this.#shape);
    const again = await this.#full.run(feeds, outputs);
    if (this.#areFit(again)) {
      this.#current = this.#full;
      this.#onOverflow();
    } else {
      await this.#full.release();
    }
    return again;
  }

  async readyFor(shape: readonly number[]): Promise<void> {
    this.#shape = shape;
    await this.#current.readyFor?.(shape);
  }

  least(shape: readonly number[]): number {
    return this.#current.least?.(shape) ?? 0;
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
