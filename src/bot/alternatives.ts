import { Mt19937 } from '../engine/random/mt19937.js';

/** Text, or one of several sequences. */
type Part = string | Part[][];

/**
 * A prompt with alternatives: `a {red|blue} car` is two prompts, `{a|b} {c|d}` four. Groups may stand inside each other,
 * and an alternative may be empty. Braces without a bar are text, as is what a backslash stands before; what is not
 * closed is text too: a prompt is never wrong.
 */
export class Alternatives {
  readonly #parts: Part[];
  /** How many prompts there are; above 2^53 it is only roughly so. */
  readonly count: number;

  constructor(template: string) {
    this.#parts = parse(template);
    this.count = countOf(this.#parts);
  }

  /** Every prompt, the last group turning fastest. Ask for `count` first. */
  all(): string[] {
    return Array.from({ length: this.count }, (_, index) => pick(this.#parts, index));
  }

  /** So many different prompts, in the order of `all`; the same for the same seed. @param wanted 1 to `count`. */
  some(wanted: number, seed: number): string[] {
    if (wanted >= this.count) return this.all();
    const random = new Mt19937(seed);
    const chosen = new Set<number>();
    while (chosen.size < wanted) {
      chosen.add(Math.floor(((random.uint32() * 2 ** 21 + (random.uint32() >>> 11)) / 2 ** 53) * this.count));
    }
    return [...chosen].sort((a, b) => a - b).map((index) => pick(this.#parts, index));
  }
}

function parse(template: string): Part[] {
  const groups = groupsOf(template);
  let at = 0;

  /** Up to `end`, or inside a group to the bar that ends the alternative, which is not consumed. */
  function sequence(end: number, inside: boolean): Part[] {
    const parts: Part[] = [''];
    const add = (text: string) => {
      if (typeof parts.at(-1) === 'string') parts[parts.length - 1] += text;
      else parts.push(text);
    };
    while (at < end && !(inside && template[at] === '|')) {
      const close = groups.get(at);
      if (close !== undefined) parts.push(alternatives(close));
      else {
        if (isEscape(template, at)) at++;
        add(template[at++]!);
      }
    }
    return parts;
  }

  function alternatives(close: number): Part[][] {
    const found: Part[][] = [];
    do {
      at++;
      found.push(sequence(close, true));
    } while (at < close);
    at++;
    return found;
  }

  return sequence(template.length, false);
}

/** Where each group opens and closes: a pair of braces with a bar that is its own. */
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

function countOf(parts: readonly Part[]): number {
  return parts.reduce(
    (product, part) => product * (typeof part === 'string' ? 1 : part.reduce((sum, one) => sum + countOf(one), 0)),
    1,
  );
}

function pick(parts: readonly Part[], index: number): string {
  let text = '';
  let rest = index;
  for (const part of [...parts].reverse()) {
    if (typeof part === 'string') {
      text = part + text;
      continue;
    }
    const counts = part.map(countOf);
    const total = counts.reduce((sum, count) => sum + count, 0);
    let which = rest % total;
    rest = Math.floor(rest / total);
    const branch = counts.findIndex((count) => {
      if (which < count) return true;
      which -= count;
      return false;
    });
    text = pick(part[branch]!, which) + text;
  }
  return text;
}
