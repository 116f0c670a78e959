import { invalidForm } from './error.js';

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

/** An id of a query, if there is one. @throws DiscordError 50035 for what is none. */
export function givenId(name: string, text: string | undefined): bigint | null {
  if (text === undefined || text === '') return null;
  if (!/^\d{1,20}$/.test(text)) throw invalidForm(name, 'NUMBER_TYPE_COERCE', `Value "${text}" is not snowflake.`);
  return BigInt(text);
}
