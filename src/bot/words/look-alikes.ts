import { confusablesMap } from 'confusables';
import { rectifyConfusion } from 'unicode-confusables';

const PRINTABLE = /^[!-~]+$/;

/** Words as they are mostly written: nothing in them was chosen for its looks. */
const ORDINARY = /^(?:[A-Z]?[a-z]+|[A-Z]+|\p{N}+)$/u;

/** What is a part of a word, or can look like one. */
const PIECE = /[^\s\p{P}]+/gu;

/**
 * A text without what cannot be seen in it: zero-width and other ignorable characters, and marks that were piled upon
 * letters and make no letter with an accent.
 */
export function visible(text: string): string {
  return text
    .replace(/\p{Default_Ignorable_Code_Point}/gu, '')
    .normalize('NFC')
    .replace(/\p{Script=Inherited}/gu, '');
}

/**
 * What the words look like that are not written in the ordinary way: `аррlе` in Cyrillic, `app1e`, `𝐚𝐩𝐩𝐥𝐞`, `ᴀᴘᴘʟᴇ`;
 * {@link folded}.
 */
export function disguised(text: string): string[] {
  const pieces = text.match(PIECE) ?? [];
  return pieces
    .filter((piece) => !ORDINARY.test(piece))
    .map(looks)
    .flatMap((word) => [...new Set([word, word.replace(/^\p{N}+|\p{N}+$/gu, '')])])
    .map(folded);
}

/** What a text looks like in ASCII, as far as it does. To be compared {@link folded}. */
export function looks(text: string): string {
  return [...text].map(looksLike).join('');
}

/** Lower case, without the differences that the eye hardly sees between Latin letters and digits. */
export function folded(text: string): string {
  return text.toLowerCase().replace(/rn/g, 'm').replace(/[1i|]/g, 'l').replace(/0/g, 'o');
}

/**
 * The ASCII that a character looks like: by Unicode TS 39, else, for what is of no living alphabet, by a list that also has
 * letters in circles, in squares and small capitals. Letters with an accent are letters of their own.
 */
function looksLike(character: string): string {
  if (character < '\u0080') return character;
  const same = [character.normalize('NFKC'), rectifyConfusion(character)].find((one) => PRINTABLE.test(one));
  if (same) return same;
  const fancy = character >= '\u0180' && character.normalize('NFD') === character && FANCY.test(character);
  return (fancy && confusablesMap.get(character)) || character;
}

const FANCY = /[\p{Script=Latin}\p{Script=Common}]/u;
