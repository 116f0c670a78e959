import { cut } from './cut.js';

/** Discord's markdown anywhere in a line: emphasis, code, spoilers, masked links, mentions, emojis, addresses. */
const ANYWHERE = /[\\`*_~|[<]|:(?=\/\/|[\w+-]+:)|@(?=everyone|here)/g;
/** Markdown at the start of a line: headings, small print, lists, quotations. */
const AT_START = /^(\d*)((?<!\d)(?:#{1,3}|-#?|\+|>{1,3})|(?<=\d)[.)])(?= )/;
/** Characters that change the direction of the following text, even of the bot's own. */
const DIRECTIONS = /[\u202a-\u202e\u2066-\u2069]/g;

/**
 * Text from strangers or their files, safe to use in any message of the bot: on one line, with all markdown escaped and
 * addresses not linked. Not discord.js's `escapeMarkdown`, which misses the second of two masked links, long rows of
 * marks, and anything after an address or an emoji.
 *
 * @param limit characters of the result, including escapes.
 */
export function quote(text: string, limit = 300): string {
  // Escaping only makes it longer, so no more of it needs to be looked at.
  const line = oneLine(cut(text, 4 * limit));
  const escaped = line.replace(ANYWHERE, '\\$&').replace(AT_START, '$1\\$2');
  // A trailing backslash would escape what follows the quotation.
  return cut(escaped, limit).replace(/(?<!\\)((?:\\\\)*)\\(…?)$/, '$1$2');
}

/**
 * On one line, without invisible characters that reorder or hide text. For labels and names, which have no markdown.
 */
export function oneLine(text: string): string {
  return text
    .replace(DIRECTIONS, '')
    .replace(/\s+/g, ' ')
    .replace(/\p{Cc}/gu, '')
    .trim();
}

/** Whether it has no visible characters. */
export function isBlank(text: string): boolean {
  return !/[^\s\p{C}\p{M}\u115f\u1160\u2800\u3164\uffa0]/u.test(text);
}
