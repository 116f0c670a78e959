import { Mt19937 } from '../../engine/random/mt19937.js';

/** Text, or a group of alternative sequences. */
type Part = string | Group;

interface Group {
  readonly branches: readonly Sequence[];
  readonly count: bigint;
}

interface Sequence {
  readonly parts: readonly Part[];
  readonly count: bigint;
}

/**
 * A prompt with alternatives: `a {red|blue} car` is two prompts, `{a|b} {c|d}` four. Groups can be nested, and
 * alternatives can be empty. Braces without a bar, escaped characters and unclosed groups are plain text: every prompt
 * is valid.
 */
export class Alternatives {
  readonly #whole: Sequence;

  constructor(template: string) {
    this.#whole = parse(template);
  }

  /** The exact number of prompts: a few dozen braces make more than a number can hold. */
  get count(): bigint {
    return this.#whole.count;
  }

  /** Every prompt, with the last group varying fastest. Check `count` first. */
  all(): string[] {
    return Array.from({ length: Number(this.count) }, (_, index) => pick(this.#whole, BigInt(index)));
  }

  /** That many different prompts, in the order of `all`; the same for the same seed. @param wanted 1 or more. */
  some(wanted: number, seed: number): string[] {
    if (BigInt(wanted) >= this.count) return this.all();
    const random = new Mt19937(seed);
    const chosen = new Set<bigint>();
    while (chosen.size < wanted) chosen.add(below(this.count, random));
    return [...chosen].sort((a, b) => (a < b ? -1 : 1)).map((index) => pick(this.#whole, index));
  }
}

/** A prompt that makes just this text. */
export function literally(text: string): string {
  return text.replace(/[{|}]/g, '\\$&');
}

/** A number from 0 to `limit` - 1, from enough groups of 53 random bits. */
function below(limit: bigint, random: Mt19937): bigint {
  let bits = 0n;
  let length = 0n;
  do {
    bits = (bits << 53n) | (BigInt(random.uint32()) << 21n) | BigInt(random.uint32() >>> 11);
    length += 53n;
  } while (limit >> length > 0n);
  return (bits * limit) >> length;
}

function parse(template: string): Sequence {
  const groups = groupsOf(template);
  let at = 0;

  /** Up to `end`, or inside a group up to the bar that ends the alternative, which is not consumed. */
  function sequence(end: number, inside: boolean): Sequence {
    const parts: Part[] = [''];
    let count = 1n;
    const add = (text: string) => {
      if (typeof parts.at(-1) === 'string') parts[parts.length - 1] += text;
      else parts.push(text);
    };
    while (at < end && !(inside && template[at] === '|')) {
      const close = groups.get(at);
      if (close !== undefined) {
        const found = group(close);
        parts.push(found);
        count *= found.count;
      } else {
        if (isEscape(template, at)) at++;
        add(template[at++]!);
      }
    }
    return { parts, count };
  }

  function group(close: number): Group {
    const branches: Sequence[] = [];
    do {
      at++;
      branches.push(sequence(close, true));
    } while (at < close);
    at++;
    return { branches, count: branches.reduce((sum, { count }) => sum + count, 0n) };
  }

  return sequence(template.length, false);
}

/** Where each group opens and closes: a pair of braces with a bar of its own. */
function groupsOf(template: string): Map<number, number> {
  const groups = new Map<number, number>();
  const open: { at: number; bar: boolean }[] = [];
  for (let at = 0; at < template.length; at++) {
    const character = template[at];
    if (isEscape(template, at)) at++;
    else if (character === '{') open.push({ at, bar: false });
    else if (character === '|' && open.length > 0) open.at(-1)!.bar = true;
    else if (character === '}') {
      const pair = open.pop();
      if (pair?.bar) groups.set(pair.at, at);
    }
  }
  return groups;
}

function isEscape(template: string, at: number): boolean {
  return template[at] === '\\' && '{|}'.includes(template[at + 1] ?? ' ');
}

function pick({ parts }: Sequence, index: bigint): string {
  const texts: string[] = [];
  let rest = index;
  for (const part of [...parts].reverse()) {
    if (typeof part === 'string') {
      texts.push(part);
      continue;
    }
    let which = rest % part.count;
    rest /= part.count;
    const branch = part.branches.find(({ count }) => {
      if (which < count) return true;
      which -= count;
      return false;
    });
    texts.push(pick(branch!, which));
  }
  return texts.reverse().join('');
}
