import { RequestError } from '../errors.js';

/** A piece of a prompt that is stressed alike. */
export interface Span {
  readonly text: string;
  /** What its embeddings are multiplied by; 1 leaves them alone. */
  readonly weight: number;
}

/** A LoRA that a prompt asks for: `<lora:name:0.8>`. */
export interface LoraTag {
  readonly name: string;
  /** How strongly it acts on the UNet. */
  readonly weight: number;
  /** How strongly it acts on the text encoder. */
  readonly textWeight: number;
}

export interface ParsedPrompt {
  /** The parts between BREAKs; each begins a new chunk of tokens. At least one. */
  readonly blocks: readonly (readonly Span[])[];
  readonly loras: readonly LoraTag[];
  /** Parts of their tags that have no meaning here. */
  readonly leftOut: readonly LeftOut[];
}

/** A part of a LoRA's tag that is for another program, such as `lbw=IN02`; the rest of the tag is used. */
export interface LeftOut {
  readonly tag: string;
  readonly part: string;
}

/** One pair of brackets. */
const EMPHASIS = 1.1;
/** Of a weight, up or down: nothing is left of a picture long before, and further on float32 ends. */
const MAX_WEIGHT = 100;
/** Brackets in brackets that count: weights are at their bounds before, and each costs a walk over all that is in it. */
const MAX_DEPTH = 64;

/**
 * Reads AUTOMATIC1111's prompt syntax: `(word:1.3)` multiplies a word's weight, `(word)` by 1.1, `[word]` divides by 1.1, and
 * brackets nest; a backslash makes a bracket plain, and is no text itself; BREAK begins a new chunk; `<lora:name:0.8>` is taken
 * out. What changes while a picture is painted, and AND, are read before (texts.ts). Brackets are never refused: one that is not closed counts to the end, one that was not opened is text.
 *
 * @throws RequestError for a LoRA's tag without a name, or with a weight that is no number.
 */
export function parsePrompt(prompt: string): ParsedPrompt {
  const loras: LoraTag[] = [];
  const leftOut: LeftOut[] = [];
  const text = prompt.replace(LORA_TAG, (tag: string, content: string) => {
    const { strange, ...lora } = loraTag(tag, content);
    loras.push(lora);
    for (const part of strange) leftOut.push({ tag, part });
    return '';
  });
  return { blocks: splitAtBreaks(spansOf(text)), loras, leftOut };
}

/** A prompt without its LoRAs' tags. */
export function withoutTags(prompt: string): string {
  return prompt.replace(LORA_TAG, '');
}

/** Its words, without what stresses them. */
export function plainText({ blocks }: Pick<ParsedPrompt, 'blocks'>): string {
  return blocks.map((spans) => spans.map(({ text }) => text).join('')).join(' ');
}

/** A LoRA's tag and what it holds. A LyCORIS is one by another name, as in AUTOMATIC1111. */
export const LORA_TAG = /<(?:lora|lyco):([^<>]*)>/gi;
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)$/;

/**
 * The name, the text encoder's weight, the UNet's; the weights by place or as `te=` and `unet=`; the UNet's is the text
 * encoder's where it is left out (AUTOMATIC1111's extensions-builtin/Lora/extra_networks_lora.py). What extensions and
 * other programs also put there (`dyn=`, `lbw=`, a fourth part) is strange.
 */
function loraTag(tag: string, content: string): LoraTag & { strange: string[] } {
  const [name, ...rest] = content.split(':').map((part) => part.trim()) as [string, ...string[]];
  const [te, unet, ...more] = rest.filter((part) => !part.includes('='));
  const named = new Map(rest.filter((part) => part.includes('=')).map((part) => [keyOf(part), part]));
  const stated = (key: string) =>
    named
      .get(key)
      ?.slice(named.get(key)!.indexOf('=') + 1)
      .trim();
  const textWeight = stated('te') ?? te ?? '1';
  const weight = stated('unet') ?? unet ?? textWeight;
  if (!name || !isWeight(textWeight) || !isWeight(weight)) {
    const short = tag.slice(0, 80);
    throw new RequestError(
      `"${short}" is not a valid LoRA tag. Write <lora:name:0.8>, or <lora:name:te=0.5:unet=0.8> to weight the text encoder and the UNet separately.`,
      { meaning: { code: 'loraForm', values: { tag: short } } },
    );
  }
  const strange = [...[...named].filter(([key]) => key !== 'te' && key !== 'unet').map(([, part]) => part), ...more];
  return { name, weight: Number(weight), textWeight: Number(textWeight), strange };
}

function keyOf(part: string): string {
  return part.slice(0, part.indexOf('=')).trim();
}

function isWeight(text: string): boolean {
  return NUMBER.test(text) && Number.isFinite(Number(text));
}

/** An escaped mark, a bracket, a weight with its closing bracket, plain text, or what is left of them. */
const PIECE = /\\[()[\]\\]|[([]|:\s*([+-]?(?:\d+(?:\.\d*)?|\.\d+))\s*\)|[)\]]|[^\\()[\]:]+|[\\:]/g;

function spansOf(text: string): Span[] {
  const spans: { text: string; weight: number }[] = [];
  // Where the brackets that are open now were opened.
  const round: number[] = [];
  const square: number[] = [];
  // What lies deeper begins nowhere, so that nothing is in it.
  const open = (brackets: number[]) =>
    brackets.push(brackets.length < MAX_DEPTH ? spans.length : Number.POSITIVE_INFINITY);
  const multiply = (from: number, factor: number) => {
    for (const span of spans.slice(from)) span.weight = bounded(span.weight * bounded(factor));
  };
  for (const [piece, weight] of text.matchAll(PIECE)) {
    if (piece === '(') open(round);
    else if (piece === '[') open(square);
    else if (weight !== undefined && round.length) multiply(round.pop()!, Number(weight));
    else if (piece === ')' && round.length) multiply(round.pop()!, EMPHASIS);
    else if (piece === ']' && square.length) multiply(square.pop()!, 1 / EMPHASIS);
    else spans.push({ text: piece.startsWith('\\') ? piece.slice(1) : piece, weight: 1 });
  }
  for (const from of round) multiply(from, EMPHASIS);
  for (const from of square) multiply(from, 1 / EMPHASIS);
  return spans;
}

function bounded(weight: number): number {
  return Math.min(Math.max(weight, -MAX_WEIGHT), MAX_WEIGHT);
}

function splitAtBreaks(spans: readonly Span[]): Span[][] {
  const blocks: Span[][] = [[]];
  for (const { text, weight } of spans) {
    text.split(/\bBREAK\b/).forEach((part, i, parts) => {
      const start = i > 0 ? part.trimStart() : part;
      const span = { text: i + 1 < parts.length ? start.trimEnd() : start, weight };
      if (i > 0) blocks.push([span]);
      else blocks.at(-1)!.push(span);
    });
  }
  return blocks.map(merged);
}

/** Neighbours of the same weight become one: words must not be torn apart. */
function merged(spans: readonly Span[]): Span[] {
  const result: Span[] = [];
  for (const span of spans) {
    const last = result.at(-1);
    if (last?.weight === span.weight) result[result.length - 1] = { ...last, text: last.text + span.text };
    else if (span.text) result.push(span);
  }
  return result;
}
