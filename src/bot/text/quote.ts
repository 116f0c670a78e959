import { cut } from './cut.js';

/** Marks of Discord's markdown wherever they stand: emphasis, code, spoilers, masked links, mentions, emojis, addresses. */
const ANYWHERE = /[\\`*_~|[<]|:(?=\/\/|[\w+-]+:)|@(?=everyone|here)/g;
/** Marks at the beginning of a line: headings, small print, lists, quotations. */
const AT_START = /^(\d*)((?<!\d)(?:#{1,3}|-#?|\+|>{1,3})|(?<=\d)[.)])(?= )/;
/** What turns the direction of the text that follows, even the bot's own. */
const DIRECTIONS = /[\u202a-\u202e\u2066-\u2069]/g;

/**
 * What strangers or their files wrote, as it may stand in any message of the bot: on one line, every mark shown instead of
 * obeyed, addresses no links. Not discord.js's `escapeMarkdown`: that leaves the second of two masked links, long rows of
 * marks, and whatever follows an address or an emoji as they are.
 *
 * @param limit characters of the result, marks' escapes counted.
 */
export function quote(text: string, limit = 300): string {
  // Escaping makes it longer, never shorter: no more is looked at than could be shown.
  const line = oneLine(cut(text, 4 * limit));
  const escaped = line.replace(ANYWHERE, '\\$&').replace(AT_START, '$1\\$2');
  // An escape without the mark behind it would escape what comes after the quotation.
  return cut(escaped, limit).replace(/(?<!\\)((?:\\\\)*)\\(…?)$/, '$1$2');
}

/** On one line, without what cannot be seen but turns or hides what can. For labels and names, which have no markdown. */
export function oneLine(text: string): string {
  return text
    .replace(DIRECTIONS, '')
    .replace(/\s+/g, ' ')
    .replace(/\p{Cc}/gu, '')
    .trim();
}

/** Whether a reader would see nothing at all. */
export function isBlank(text: string): boolean {
  return !/[^\s\p{C}\p{M}\u115f\u1160\u2800\u3164\uffa0]/u.test(text);
}
