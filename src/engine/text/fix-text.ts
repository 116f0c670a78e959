import { decode } from 'html-entities';
import { undoMojibake, withoutC1 } from './mojibake.js';

/**
 * Cleans text that was pasted from elsewhere: HTML entities, misread encodings, ligatures, full-width letters, curly quotes,
 * line ends, control characters; then Unicode's normal form C. CLIP's vocabulary was learnt from text cleaned by ftfy, and
 * tokens are only the reference's if the same is done: this follows `fix_text` of ftfy 6.3 (Speer 2019) in its default
 * settings.
 */
export function fixText(text: string): string {
  let entities = true;
  return (text.match(/[^\n]*\n|[^\n]+/g) ?? [])
    .map((line) => {
      // Text with tags is HTML itself, from here on.
      entities &&= !line.includes('<');
      return fixLine(line, entities);
    })
    .join('');
}

/** Layers of encoding that are taken off. Nobody's text has more; `&amp;amp;amp;…` would take a turn for each of its words. */
const MAX_LAYERS = 16;

/** Again and again, since one fix may uncover another. */
function fixLine(line: string, entities: boolean): string {
  for (let layer = 0; layer < MAX_LAYERS; layer++) {
    const decoded = entities ? decodeEntities(line) : line;
    const fixed = tidy(withoutC1(undoMojibake(decoded)));
    if (fixed === line) return line;
    line = fixed;
  }
  return line;
}

function tidy(text: string): string {
  return text
    .replace(/[ĲĳŉǱ-ǳǄ-ǌﬀ-ﬆ]/g, (ligature) => LIGATURES.get(ligature)!)
    .replace(/[\u3000\uff01-\uffef]/g, (wide) => wide.normalize('NFKC'))
    .replace(/[\u201c-\u201f]/g, '"')
    .replace(/[\u02bc\u2018-\u201b]/g, "'")
    .replace(/\r\n|[\r\u2028\u2029\u0085]/g, '\n')
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replace(TERMINAL_ESCAPE, '')
    .replace(CONTROL, '')
    .normalize('NFC');
}

const LIGATURES = new Map(
  Object.entries({
    Ĳ: 'IJ',
    ĳ: 'ij',
    ŉ: 'ʼn',
    Ǳ: 'DZ',
    ǲ: 'Dz',
    ǳ: 'dz',
    Ǆ: 'DŽ',
    ǅ: 'Dž',
    ǆ: 'dž',
    Ǉ: 'LJ',
    ǈ: 'Lj',
    ǉ: 'lj',
    Ǌ: 'NJ',
    ǋ: 'Nj',
    ǌ: 'nj',
    ﬀ: 'ff',
    ﬁ: 'fi',
    ﬂ: 'fl',
    ﬃ: 'ffi',
    ﬄ: 'ffl',
    ﬅ: 'ſt',
    ﬆ: 'st',
  }),
);

/** Colours and the like of terminals. */
const TERMINAL_ESCAPE = new RegExp(`${String.fromCharCode(27)}\\[[\\p{Nd};]*[a-zA-Z]`, 'gu');

/** Controls, deprecated format characters, the byte order mark, annotation marks; not white space. */
const CONTROL = /(?![\t\n\f\r\u0080-\u009f])\p{Cc}|[\u206a-\u206f\ufeff\ufff9-\ufffc]/gu;

function decodeEntities(text: string): string {
  return text.replace(/&#?[0-9A-Za-z]{1,24};/g, (entity) => {
    if (entity.startsWith('&#')) return decodeNumber(entity);
    const character = decode(entity, { level: 'html5', scope: 'strict' });
    if (character !== entity || entity !== entity.toUpperCase() || LEGACY_CAPITALS.test(entity)) return character;
    // "P&EACUTE;REZ": a text that was put into capitals.
    const small = entity.toLowerCase();
    const decoded = decode(small, { level: 'html5', scope: 'strict' });
    return decoded === small ? entity : decoded.toUpperCase();
  });
}

/** HTML has these in capitals too, even without a semicolon. */
const LEGACY_CAPITALS = /^&(?:AMP|COPY|ETH|GT|LT|QUOT|REG|THORN)/;

/** A numeric reference, by HTML 5's rules for those that name no character. */
function decodeNumber(entity: string): string {
  const digits = /^&#(?:(\d+)|[xX]([0-9a-fA-F]+));$/.exec(entity);
  if (!digits) return entity;
  const code = digits[1] ? Number.parseInt(digits[1], 10) : Number.parseInt(digits[2]!, 16);
  if (code === 0x3b) return entity;
  if (code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return '\ufffd';
  const windows = withoutC1(String.fromCodePoint(code));
  if (code >= 0x80 && code <= 0x9f) return windows;
  return isNoCharacter(code) ? '' : windows;
}

function isNoCharacter(code: number): boolean {
  const control = (code < 0x20 && ![9, 10, 12, 13].includes(code)) || code === 0x7f;
  return control || (code >= 0xfdd0 && code <= 0xfdef) || (code & 0xfffe) === 0xfffe;
}
