import type { OnNotice } from '../meaning.js';

/**
 * Syntax of other programs (AUTOMATIC1111's prompt_parser.py) that changes words while a picture is painted, or joins
 * prompts: `[red:blue:0.5]`, `[blue:10]`, `[red|blue]`, AND. Here all of it is words.
 */
const FOREIGN = /\[[^[\]]*:\s*(?:\d+(?:\.\d*)?|\.\d+)\s*\]|\[[^[\]|]*\|[^[\]]*\]|\bAND\b/;

const ESCAPED = /\\[()[\]\\]/g;
const SHOWN = 60;

/** A notice for the author of such a prompt; null if it has no such syntax. */
export function foreignNotice(prompt: string): Parameters<OnNotice> | null {
  const [found] = FOREIGN.exec(prompt.replace(ESCAPED, '  ')) ?? [];
  if (found === undefined) return null;
  const syntax = found.length > SHOWN ? `${found.slice(0, SHOWN - 1)}…` : found;
  return [
    `"${syntax}" is read as plain words: switching words while painting, as [a:b:0.5] and [a|b] do in other programs, and joining prompts with AND do not work here.`,
    { code: 'foreignSyntax', values: { syntax } },
  ];
}
