/** What of a prompt is read up to a call of the noise predictor, that call included; calls are counted from 0. */
export interface Phase {
  readonly until: number;
  readonly text: string;
}

/** A run of a sampler, in calls of the noise predictor: one a step, two with samplers of second order. */
export interface Pass {
  /** For all steps that were asked for: img2img at a low strength makes fewer. */
  readonly calls: number;
  /** The calls of a first pass over the same picture, if this is the second: steps go on counting, and fractions from 1. */
  readonly before?: number | undefined;
}

/**
 * Reads AUTOMATIC1111's prompt editing (modules/prompt_parser.py): `[from:to:when]`, `[to:when]` and `[from::when]` change
 * words at a step, or with a point in the number at a fraction of the steps; `[a|b|c]` changes them at every step. All of it
 * nests, and a backslash makes a mark plain. What has another shape is text, and so is the whole prompt if a bar stands
 * outside of brackets, or a backslash at its end.
 *
 * @returns at least one phase; the last one's `until` is the number of calls.
 */
export function phasesOf(prompt: string, pass: Pass): Phase[] {
  const parts = read(prompt);
  if (!parts) return [{ until: pass.calls, text: prompt }];
  const ends = new Set([pass.calls]);
  addEnds(parts, pass, ends);
  return [...ends].sort((a, b) => a - b).map((until) => ({ until, text: textAt(parts, until, pass) }));
}

/** The text that is read at a call. As AUTOMATIC1111, with 0 as the first call and 1 as the first end. */
export function phaseAt(phases: readonly Phase[], call: number): Phase {
  return phases.find(({ until }) => call <= until) ?? phases[0]!;
}

/** Whether a prompt that was written to change words is text as a whole, and nothing in it changes. */
export function isUnread(prompt: string): boolean {
  return read(prompt) === null;
}

type Part = string | Edit | Alternation;

interface Edit {
  readonly before: readonly Part[];
  readonly after: readonly Part[];
  /** As it was typed: a point makes it a fraction. */
  readonly when: string;
}

interface Alternation {
  readonly options: readonly (readonly Part[])[];
}

/** A stretch of text with all brackets in it closed, up to `end`. */
interface Stretch {
  readonly parts: readonly Part[];
  readonly end: number;
  /** Brackets in brackets. */
  readonly depth: number;
}

/** Brackets in brackets that are read; what has more is text. */
const MAX_DEPTH = 64;

const WHEN = /:\s*([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?)\s*\]/iy;

/** Null if the grammar does not have such a text. */
function read(text: string): readonly Part[] | null {
  // From the end, so that inner brackets are known before outer ones: no depth is too deep for the stack.
  const groups = new Map<number, Stretch>();
  for (let at = text.length - 1; at >= 0; at--) {
    const group = text[at] === '(' ? round(text, at, groups) : text[at] === '[' ? square(text, at, groups) : null;
    if (group && group.depth <= MAX_DEPTH) groups.set(at, group);
  }
  const parts: Part[] = [];
  for (let at = 0; at < text.length; ) {
    const stretch = stretchFrom(text, at, groups);
    for (const part of stretch.parts) parts.push(part);
    at = stretch.end;
    if (at === text.length) break;
    if (!'[]():'.includes(text[at]!)) return null;
    parts.push(text[at++]!);
  }
  return parts;
}

function stretchFrom(text: string, from: number, groups: ReadonlyMap<number, Stretch>): Stretch {
  const parts: Part[] = [];
  let depth = 0;
  let end = from;
  while (end < text.length) {
    const group = groups.get(end);
    if (group) {
      for (const part of group.parts) parts.push(part);
      depth = Math.max(depth, group.depth);
      end = group.end;
    } else if (text[end] === '\\' && end + 1 < text.length && text[end + 1] !== '\n') {
      parts.push(text.slice(end, end + 2));
      end += 2;
    } else if ('\\[]():|'.includes(text[end]!)) break;
    else parts.push(text[end++]!);
  }
  return { parts: merged(parts), end, depth };
}

/** `(words)` or `(words:weight)`. */
function round(text: string, at: number, groups: ReadonlyMap<number, Stretch>): Stretch | null {
  const words = stretchFrom(text, at + 1, groups);
  if (text[words.end] === ')') return closed('(', [words], ')');
  if (text[words.end] !== ':') return null;
  const weight = stretchFrom(text, words.end + 1, groups);
  return text[weight.end] === ')' ? closed('(', [words, weight], ')') : null;
}

/** `[words]`, or words that change. */
function square(text: string, at: number, groups: ReadonlyMap<number, Stretch>): Stretch | null {
  const first = stretchFrom(text, at + 1, groups);
  if (text[first.end] === ']') return closed('[', [first], ']');
  if (text[first.end] === '|') {
    const options = [first];
    while (text[options.at(-1)!.end] === '|') options.push(stretchFrom(text, options.at(-1)!.end + 1, groups));
    const { end } = options.at(-1)!;
    if (text[end] !== ']') return null;
    return changing({ options: options.map(({ parts }) => parts) }, options, end + 1);
  }
  if (text[first.end] !== ':') return null;
  const now = whenAt(text, first.end);
  if (now) return changing({ before: [], after: first.parts, when: now.when }, [first], now.end);
  const second = stretchFrom(text, first.end + 1, groups);
  const then = whenAt(text, second.end);
  if (!then) return null;
  return changing({ before: first.parts, after: second.parts, when: then.when }, [first, second], then.end);
}

function whenAt(text: string, at: number): { when: string; end: number } | null {
  WHEN.lastIndex = at;
  const [all, when] = WHEN.exec(text) ?? [];
  return when === undefined ? null : { when, end: at + all!.length };
}

/** Brackets that only stress: text, with what changes in it. */
function closed(open: string, inside: readonly Stretch[], close: string): Stretch {
  const parts = inside.flatMap(({ parts }, i) => (i > 0 ? [':', ...parts] : parts));
  return { parts: [open, ...parts, close], end: inside.at(-1)!.end + 1, depth: deepest(inside) + 1 };
}

function changing(part: Edit | Alternation, inside: readonly Stretch[], end: number): Stretch {
  return { parts: [part], end, depth: deepest(inside) + 1 };
}

function deepest(stretches: readonly Stretch[]): number {
  return stretches.reduce((most, { depth }) => Math.max(most, depth), 0);
}

function merged(parts: readonly Part[]): Part[] {
  const result: Part[] = [];
  for (const part of parts) {
    const last = result.at(-1);
    if (typeof part === 'string' && typeof last === 'string') result[result.length - 1] = last + part;
    else result.push(part);
  }
  return result;
}

/** The last call that reads what was before. Up to {@link Pass.calls}; below 1 nothing was before. */
function lastBefore({ when }: Edit, { calls, before }: Pass): number {
  const number = Number(when);
  const call = when.includes('.') ? (number - (before === undefined ? 0 : 1)) * calls : number - (before ?? 0);
  return Math.min(calls, Math.trunc(call));
}

function addEnds(parts: readonly Part[], pass: Pass, ends: Set<number>): void {
  for (const part of parts) {
    if (typeof part === 'string') continue;
    if ('when' in part) {
      const last = lastBefore(part, pass);
      if (last >= 1) ends.add(last);
      addEnds(part.before, pass, ends);
      addEnds(part.after, pass, ends);
    } else {
      for (let call = 1; call <= pass.calls; call++) ends.add(call);
      for (const option of part.options) addEnds(option, pass, ends);
    }
  }
}

function textAt(parts: readonly Part[], call: number, pass: Pass): string {
  return parts
    .map((part) => {
      if (typeof part === 'string') return part;
      if ('options' in part) return textAt(part.options[(call - 1) % part.options.length]!, call, pass);
      return textAt(call <= lastBefore(part, pass) ? part.before : part.after, call, pass);
    })
    .join('');
}
