/** 2015-01-01, Discord's epoch (documentation, "Snowflakes"). */
const EPOCH = 1_420_070_400_000n;

/** Ids that grow with time: milliseconds, then a counter, as Discord's. */
export class Snowflakes {
  #counter = 0n;

  constructor(private readonly now: () => number) {}

  next(): string {
    this.#counter = (this.#counter + 1n) & 0x3fffffn;
    return (((BigInt(Math.floor(this.now())) - EPOCH) << 22n) | this.#counter).toString();
  }
}
