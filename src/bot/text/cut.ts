const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Characters as Discord counts them: code points, not UTF-16 units (discord/discord-api-docs issue 1315). */
export function lengthOf(text: string): number {
  let length = 0;
  for (const _ of text) length++;
  return length;
}

/**
 * Text within one of Discord's limits, with `…` at its end where something is left out. Emojis, accents and whatever else
 * reads as one character stay whole; half a surrogate pair, which no JSON may carry, becomes U+FFFD.
 *
 * @param limit characters as {@link lengthOf} counts them, 1 or more.
 */
export function cut(text: string, limit: number): string {
  // A character is two units at most: what lies beyond is neither counted nor taken apart.
  const start = text.slice(0, 2 * limit + 2).replace(/\p{Cs}/gu, '\ufffd');
  if (text.length <= start.length && lengthOf(start) <= limit) return start;
  let kept = '';
  let length = 0;
  for (const { segment } of graphemes.segment(start)) {
    length += lengthOf(segment);
    if (length > limit - 1) break;
    kept += segment;
  }
  // A single letter below thousands of accents fits nowhere: of that, as much as fits.
  return `${kept || [...start].slice(0, limit - 1).join('')}…`;
}
