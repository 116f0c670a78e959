import type { OnNotice } from '../meaning.js';
import { subPromptsOf } from './joined.js';
import { withoutTags } from './prompt.js';
import { isUnread } from './schedule.js';

/** Words in brackets that would change: `[red:blue:0.5]`, `[blue:10]`, `[red|blue]`. */
const CHANGING = /\[[^[\]]*:\s*(?:\d+(?:\.\d*)?|\.\d+)\s*\]|\[[^[\]|]*\|[^[\]]*\]/;

const ESCAPED = /\\[()[\]\\]/g;
const SHOWN = 60;

/** A notice for the author of a prompt in which nothing changes, as in AUTOMATIC1111; null for others. */
export function unreadNotice(prompt: string): Parameters<OnNotice> | null {
  const unread = subPromptsOf(withoutTags(prompt)).find(({ text }) => isUnread(text));
  const [found] = (unread && CHANGING.exec(unread.text.replace(ESCAPED, '  '))) ?? [];
  if (found === undefined) return null;
  const syntax = found.length > SHOWN ? `${found.slice(0, SHOWN - 1)}…` : found;
  return [
    `"${syntax}" is read as plain words, because the prompt has a | outside of [square brackets], or a \\ at its end. Take that out, and words change while the picture is painted.`,
    { code: 'unreadSyntax', values: { syntax } },
  ];
}
