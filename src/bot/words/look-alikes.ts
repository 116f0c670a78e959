import { confusablesMap } from 'confusables';
import { rectifyConfusion } from 'unicode-confusables';

const PRINTABLE = /^[!-~]+$/;

/** Words in ordinary spelling, which disguise nothing. */
const ORDINARY = /^(?:[A-Z]?[a-z]+|[A-Z]+|\p{N}+)$/u;

/** Characters that are part of a word, or can look like it. */
const PIECE = /(?:[^\s\p{P}]|@)+/gu;

/** Letters that stand alone, with little between them: `n u d e`, `n.u.d.e`, `(n)(u)(d)(e)`. */
const SPELLED = /(?<![\p{L}\p{M}\p{N}])\p{L}(?:[\s\p{P}]{1,2}\p{L}(?![\p{L}\p{M}\p{N}])){2,}/gu;

/** Figures and signs that are read as letters inside a word: `n4k3d`, `$ex`. */
const FIGURES: Readonly<Record<string, string>> = {
  3: 'e',
  4: 'a',
  5: 's',
  7: 't',
  '@': 'a',
  $: 's',
  '€': 'e',
  '¢': 'c',
};

/** Shorter ones are names: 3D, 4K, 5G. */
const SHORTEST = 3;

/**
 * A text without its invisible parts: zero-width and other ignorable characters, and combining marks that do not form
 * an accented letter.
 */
export function visible(text: string): string {
  return text
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .normalize('NFC')
    .replace(/\p{Script=Inherited}|\p{Me}|(?<=\p{Script=Latin})\p{M}+/gu, '');
}

/**
 * What words in unusual spelling look like: `аррlе` in Cyrillic, `app1e`, `𝐚𝐩𝐩𝐥𝐞`, `ᴀᴘᴘʟᴇ`, `a p p l e`, `@pple`. To be compared
 * {@link folded}.
 */
export function disguised(text: string): string[] {
  const pieces = text.match(PIECE) ?? [];
  const strange = pieces.filter((piece) => !ORDINARY.test(piece)).map(looks);
  const spelled = (text.match(SPELLED) ?? []).map((letters) => looks(letters.replace(/[\s\p{P}]/gu, '')));
  return [...strange, ...spelled].flatMap((word) => [
    ...new Set([word, word.replace(/^\p{N}+|\p{N}+$/gu, ''), ...withLetters(word)]),
  ]);
}

/** A word with letters in the place of its figures. */
function withLetters(word: string): string[] {
  if (word.length < SHORTEST || !/\p{L}/u.test(word)) return [];
  return [[...word].map((character) => FIGURES[character] ?? character).join('')];
}

/** What a text looks like in ASCII, as far as possible. To be compared {@link folded}. */
export function looks(text: string): string {
  return [...text].map(looksLike).join('');
}

/** Lower case, with Latin letters and digits that look nearly alike made equal. */
export function folded(text: string): string {
  return alike(text.toLowerCase().replace(/rn/g, 'm'));
}

/** As {@link folded}, letter by letter. */
export function alike(text: string): string {
  return text.toLowerCase().replace(/[1i|]/g, 'l').replace(/0/g, 'o');
}

/**
 * The ASCII that a character looks like: by Unicode TS 39, otherwise, for characters of no living script, by a list
 * that also has letters in circles and squares and small capitals. Accented letters are letters of their own.
 */
function looksLike(character: string): string {
  if (character < '\u0080') return character;
  const known = MISSING[character];
  if (known) return known;
  const same = [character.normalize('NFKC'), rectifyConfusion(character)].find((one) => PRINTABLE.test(one));
  if (same) return same;
  const fancy = character >= '\u0180' && character.normalize('NFD') === character && FANCY.test(character);
  return (fancy && confusablesMap.get(character)) || character;
}

/** What neither of the lists has, or has as a letter with a mark. */
const MISSING: Readonly<Record<string, string>> = { η: 'n', п: 'n', ѡ: 'w', ʍ: 'w', ͼ: 'c', '©': 'c' };

const FANCY = /[\p{Script=Latin}\p{Script=Common}]/u;
