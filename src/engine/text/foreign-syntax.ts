import type { OnNotice } from '../meaning.js';

/**
 * Syntax of other programs (AUTOMATIC1111's prompt_parser.py) that changes words while a picture is painted, or joins
 * prompts: `[red:blue:0.5]`, `[blue:10]`, `[red|blue]`, AND. Here all of it is words.
 */
const FOREIGN = /\[[^[\]]*:\s*(?:\d+(?:\.\d*)?|\.\d+)\s*\]|\[[^[\]|]*\|[^[\]]*\]|\bAND\b/;

const ESCAPED = /\\[()[\]\\]/g;
const SHOWN = 60;

/** What whoever wrote such a prompt should know; null where there is nothing of it. */
export function foreignNotice(prompt: string): Parameters<OnNotice> | null {
  const [found] = FOREIGN.exec(prompt.replace(ESCAPED, '  ')) ?? [];
  if (found === undefined) return null;
  const syntax = found.length > SHOWN ? `${found.slice(0, SHOWN - 1)}…` : found;
  return [
    `"${syntax}" is read as words: Easel neither changes words while it paints, as [a:b:0.5] and [a|b] do elsewhere, nor joins prompts with AND.`,
    { code: 'foreignSyntax', values: { syntax } },
  ];
}
