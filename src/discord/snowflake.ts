import { invalidForm } from './error.js';

/** 2015-01-01, Discord's epoch (documentation, "Snowflakes"). */
const EPOCH = 1_420_070_400_000n;

/** Ids in order of time, like Discord's: milliseconds, then a counter. */
export class Snowflakes {
  #counter = 0n;

  constructor(private readonly now: () => number) {}

  next(): string {
    this.#counter = (this.#counter + 1n) & 0x3fffffn;
    return (((BigInt(Math.floor(this.now())) - EPOCH) << 22n) | this.#counter).toString();
  }
}

/** An id from a query, if there is one. @throws DiscordError 50035 if it is invalid. */
export function givenId(name: string, text: string | undefined): bigint | null {
  if (text === undefined || text === '') return null;
  if (!/^\d{1,20}$/.test(text)) throw invalidForm(name, 'NUMBER_TYPE_COERCE', `Value "${text}" is not snowflake.`);
  return BigInt(text);
}
