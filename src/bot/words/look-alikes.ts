import { confusablesMap } from 'confusables';
import { rectifyConfusion } from 'unicode-confusables';

const PRINTABLE = /^[!-~]+$/;

/** Words in ordinary spelling, which disguise nothing. */
const ORDINARY = /^(?:[A-Z]?[a-z]+|[A-Z]+|\p{N}+)$/u;

/** Characters that are part of a word, or can look like it. */
const PIECE = /[^\s\p{P}]+/gu;

/**
 * A text without its invisible parts: zero-width and other ignorable characters, and combining marks that do not form
 * an accented letter.
 */
export function visible(text: string): string {
  return text
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .normalize('NFC')
    .replace(/\p{Script=Inherited}/gu, '');
}

/** What words in unusual spelling look like: `аррlе` in Cyrillic, `app1e`, `𝐚𝐩𝐩𝐥𝐞`, `ᴀᴘᴘʟᴇ`. To be compared {@link folded}. */
export function disguised(text: string): string[] {
  const pieces = text.match(PIECE) ?? [];
  return pieces
    .filter((piece) => !ORDINARY.test(piece))
    .map(looks)
    .flatMap((word) => [...new Set([word, word.replace(/^\p{N}+|\p{N}+$/gu, '')])]);
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
  const same = [character.normalize('NFKC'), rectifyConfusion(character)].find((one) => PRINTABLE.test(one));
  if (same) return same;
  const fancy = character >= '\u0180' && character.normalize('NFD') === character && FANCY.test(character);
  return (fancy && confusablesMap.get(character)) || character;
}

const FANCY = /[\p{Script=Latin}\p{Script=Common}]/u;
