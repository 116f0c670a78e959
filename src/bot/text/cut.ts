const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Length in characters as Discord counts them: code points, not UTF-16 units (discord/discord-api-docs issue 1315). */
export function lengthOf(text: string): number {
  let length = 0;
  for (const _ of text) length++;
  return length;
}

/** The first characters of a text, as {@link lengthOf} counts them. @param most 0 or more. */
export function beginning(text: string, most: number): string {
  // A character has at most two units, so the rest need not be looked at.
  return text.length <= most ? text : [...text.slice(0, 2 * most)].slice(0, most).join('');
}

/**
 * Text within one of Discord's limits, ending in `…` if something is left out. Grapheme clusters, such as emojis and
 * accented letters, stay whole; lone surrogates, which JSON must not carry, become U+FFFD.
 *
 * @param limit characters as {@link lengthOf} counts them, 1 or more.
 */
export function cut(text: string, limit: number): string {
  // A character has at most two units, so the rest need not be looked at.
  const start = text.slice(0, 2 * limit + 2).replace(/\p{Cs}/gu, '\ufffd');
  if (text.length <= start.length && lengthOf(start) <= limit) return start;
  let kept = '';
  let length = 0;
  for (const { segment } of graphemes.segment(start)) {
    length += lengthOf(segment);
    if (length > limit - 1) break;
    kept += segment;
  }
  // A single letter with thousands of accents fits nowhere, so it is cut anyway.
  return `${kept || beginning(start, limit - 1)}…`;
}
