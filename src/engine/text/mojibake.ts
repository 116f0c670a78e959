import { CODE_PAGES, type CodePage, WINDOWS_1252_C1 } from './code-pages.js';
import { looksMisread } from './misread.js';

/**
 * Undoes the reading of UTF-8 as a single-byte encoding ("schÃ¶n" for "schön"), as often as it was done, wherever the text
 * looks like it. Follows `fix_encoding` of ftfy 6.3 (Speer 2019), which CLIP's tokenizer runs first, in effect.
 */
export function undoMojibake(text: string): string {
  for (;;) {
    const better = undoOnce(text);
    if (better === text) return text;
    text = better;
  }
}

function undoOnce(text: string): string {
  if (!looksMisread(text)) return text;
  for (const page of CODE_PAGES) {
    const bytes = page.encode(text);
    const reread = bytes === undefined ? undefined : readUtf8(repaired(bytes, page));
    if (reread !== undefined) return reread;
  }
  // Only parts of the text may have been misread. The whole is not a part: that would never end.
  const inParts = text.replace(MISREAD_UTF8, (part) =>
    part !== text && looksMisread(part) ? undoMojibake(part) : part,
  );
  return inParts === text ? withoutC1(text) : inParts;
}

/** Control characters U+0080 to U+009F become what Windows-1252 has in their places, as browsers do. */
export function withoutC1(text: string): string {
  return text.replace(/[\u0080-\u009f]/g, (character) => WINDOWS_1252_C1[character.charCodeAt(0) - 0x80]!);
}

/** Puts back what other programs did to the bytes of a sequence: a non-breaking space made plain, a byte lost. */
function repaired(bytes: string, page: CodePage): string {
  let result = bytes;
  // In Mac Roman the same bytes are an en dash and a space.
  if (page.name !== 'macintosh' && SPACED_UTF8.test(result)) {
    // "Ã la" was "à la", two words; but "Ã s" was "às".
    result = result.replace(/\u00c3 (?! |quele|quela|quilo|s )/g, '\u00c3\u00a0 ');
    result = result.replace(new RegExp(SPACED_UTF8, 'g'), (sequence) => sequence.replaceAll(' ', '\u00a0'));
  }
  return page.lossy ? result.replace(new RegExp(LOSSY_UTF8, 'g'), '\u00ef\u00bf\u00bd') : result;
}

/** Sequences that would be UTF-8 if their space were 0xa0, for lead bytes that make likely characters. */
const SPACED_UTF8 = either(
  '[\u00c2\u00c3\u00c5\u00ce\u00d0\u00d9] ',
  '[\u00e2\u00e3] [\u0080-\u0084\u0086-\u009f\u00a1-\u00bf]',
  '[\u00e0-\u00e3][\u0080-\u0084\u0086-\u009f\u00a1-\u00bf] ',
  '\u00f0 [\u0080-\u00bf]{2}',
  '\u00f0[\u0080-\u00bf] [\u0080-\u00bf]',
  '\u00f0[\u0080-\u00bf]{2} ',
);

/** Sequences with a byte lost (0x1a, at times a question mark); they can only become U+FFFD. */
const LOSSY_UTF8 = either(
  '[\u00c2-\u00df]\u001a',
  '[\u00c2\u00c3]\\?',
  '\u00ed[\u00a0-\u00af][\u001a?]\u00ed[\u00b0-\u00bf][\u001a?\u0080-\u00bf]',
  '\u00ed[\u00a0-\u00af][\u001a?\u0080-\u00bf]\u00ed[\u00b0-\u00bf][\u001a?]',
  '[\u00e0-\u00ef][\u001a?][\u001a\u0080-\u00bf]',
  '[\u00e0-\u00ef][\u001a\u0080-\u00bf][\u001a?]',
  '[\u00f0-\u00f4][\u001a?][\u001a\u0080-\u00bf]{2}',
  '[\u00f0-\u00f4][\u001a\u0080-\u00bf][\u001a?][\u001a\u0080-\u00bf]',
  '[\u00f0-\u00f4][\u001a\u0080-\u00bf]{2}[\u001a?]',
  '\u001a',
);

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @returns undefined unless the bytes are UTF-8, Java's long form of U+0000 and CESU-8's surrogates allowed. */
function readUtf8(bytes: string): string | undefined {
  const standard = bytes
    .replace(/\u00c0\u0080/g, '\0')
    .replace(/\u00ed([\u00a0-\u00af])([\u0080-\u00bf])\u00ed([\u00b0-\u00bf])([\u0080-\u00bf])/g, (...match) => {
      const [a, b, c, d] = match.slice(1, 5).map((byte: string) => byte.charCodeAt(0) & 0x3f);
      const pair = String.fromCharCode(0xd000 | (a! << 6) | b!, 0xd000 | (c! << 6) | d!);
      return Buffer.from(pair).toString('latin1');
    });
  try {
    return strictUtf8.decode(Buffer.from(standard, 'latin1'));
  } catch {
    return undefined;
  }
}

/** Characters of the bytes from..to in the code pages similar to Latin-1. */
function charactersOf(from: number, to: number): string {
  return CODE_PAGES.slice(0, 7)
    .map((page) => page.upperHalf.slice(from - 0x80, to - 0x80 + 1))
    .join('');
}

/** Runs of what UTF-8 sequences look like when misread; a continuation may have become a space. */
const MISREAD_UTF8 = (() => {
  const continuation = charactersOf(0x80, 0xbf);
  const alone = '–—―‘’‚“”„•…';
  const strict = Array.from(continuation, (character) => (alone.includes(character) ? '' : character)).join('');
  const sequences = either(
    `[${charactersOf(0xc2, 0xdf)}][ ${continuation}]`,
    `[${charactersOf(0xe0, 0xef)}][ ${continuation}]{2}`,
    `[${charactersOf(0xf0, 0xf0)}${charactersOf(0xf3, 0xf3)}][ ${continuation}]{3}`,
  );
  return new RegExp(`(?<![${strict}])(?:${sequences.source})+`, 'gu');
})();

function either(...patterns: readonly string[]): RegExp {
  return new RegExp(patterns.join('|'));
}
