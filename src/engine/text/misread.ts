/**
 * Does text look as if UTF-8 had been read in a single-byte encoding? Such text has neighbours that nobody writes: an
 * accented letter and a currency sign, a box-drawing line and a quotation mark. Classes and neighbours are those of ftfy
 * 6.3's `badness` (Speer 2019).
 */
export function looksMisread(text: string): boolean {
  return NON_ASCII.test(text) && MISREAD.test(text);
}

const NON_ASCII = /[\u0080-\uffff]/;

const c1 = '\u0080-\u009f';
/** Hardly ever written on purpose. */
const bad = '¦¤¨¬¯¸ƒˆˇ˘˛˜†‡‰⌐◊\ufffdªº';
const law = '¶§';
const money = '¢£¥₧€';
const opening = '¡«¿©΄΅‘‚“„•‹\uf8ff';
const closing = '®»˝”›™';
const number = '²³¹±¼½¾×µ÷⁄∂∆∏∑√∞∩∫≈≠≡≤≥№';
const box = '│┌┐┘├┤┬┼═-╬▀▄█▌▐░▒▓';
/** Letters of faces such as (ò_ó). */
const face = 'Ò-ÖÙ-Üò-öø-üŐŌŪŲ°';
const upper = 'À-ÑØÜÝĂĀĄĆČĎĐĘĚĒĖĞĢİĪĶĹĽŁĻŃŇŅŒŘŚŞŠŢŤŮŰŸŹŻŽҐ';
const lower = 'ßà-ñăąāćčďđęěēėğģįīķĺľłļœŕśşšťüźżžґﬁﬂ';
const otherUpper = 'ÞΑ-ΩΆΈΉΊΌΎΏΪΫЁ-Я';
const otherLower = 'α-ωάέήίΰа-џ';
/** Common in good text and in bad. */
const common = '\u00a0\u00ad·´–—―…’';

const anySpace = '\\s\\u0085\\u001c-\\u001f';
const arabicTail = `[${common}${money}${bad}${number}${opening}ŸŠ®°µ»]`;
const cyrillicMiddle = `[${c1}${bad}${opening}${closing}${money}°µ]`;
const greekMiddle = `[${c1}${bad}${opening}${closing}${money}°]`;

/** Each row is a run of character classes that gives misread text away. */
const CLASSES: readonly (readonly string[])[] = [
  [c1],
  [bad + lower + upper + box + opening + closing + money + number + law, bad],
  [bad, lower + upper + box + opening + closing + money + number + law],
  ['a-zA-Z', otherLower + otherUpper, bad],
  [lower + otherLower + box + closing + money + number, upper],
  [box + closing + money + number, lower],
  [lower + box + closing, money],
  [anySpace, upper, money],
  [upper + box, number + law],
  [lower + upper + box + money + closing, opening, number],
  [lower + upper + money + number + box + law, closing, opening],
  [money + number + box, opening],
  ['a-z', upper, opening + money],
  [box, face],
  [lower + upper + money + number + opening + closing + law, box],
  [box, closing],
  [lower + upper, opening + closing, '\\p{L}\\p{N}_'],
  ['Œœ', '^A-Za-z'],
  [upper, '°'],
  // Windows-1252
  ['ÂÃÎÐ', `€œŠš¢£Ÿž\u00a0\u00ad®©°·»${opening}${closing}–—´`],
  ['×', '²³'],
  ['à', '²µ¹¼½¾'],
  ['Ã', '\u00a0¡'],
  [`a-z.,?!${closing}`, 'Â', ` ${opening}${closing}`],
  // Mac Roman
  ['√', '±∂†≠®™´≤≥¥µø'],
  ['≈', '°¢'],
  ['‚', 'Ä', 'ìîïòôúùû†°¢π'],
  ['‚', 'âó', 'àä°ê'],
];

/** What classes alone cannot say. */
const PATTERNS = [
  // Arabic in Windows-1252: single pairs also occur in good text.
  `[ØÙ]${arabicTail}[ØÙ]${arabicTail}`,
  `[a-z][${anySpace}]?[ÃÂ] `,
  '^[ÃÂ] ',
  // Windows-1251, 1253 and 1257
  'вЂ',
  `[ВГРС]${cyrillicMiddle}[ВГРС]`,
  'ГўВЂВ.[A-Za-z ]',
  'β€[™\u00a0Ά\u00ad®°]',
  `[ΒΓΞΟ]${greekMiddle}[ΒΓΞΟ]`,
  'ā€',
];

const MISREAD = new RegExp([...CLASSES.map((run) => run.map((of) => `[${of}]`).join('')), ...PATTERNS].join('|'), 'u');
