/** A single-byte encoding. Bytes are held as strings of U+0000 to U+00FF, so that patterns can be matched in them. */
export interface CodePage {
  readonly name: string;
  /** The characters of bytes 0x80 to 0xff. */
  readonly upperHalf: string;
  /** Whether U+FFFD replaces a lost byte, which is written as 0x1a. */
  readonly lossy: boolean;
  /** @returns undefined when the text has a character that the page lacks. */
  encode(text: string): string | undefined;
}

const BYTES = String.fromCharCode(...Array.from({ length: 128 }, (_, i) => 0x80 + i));

/** Windows-1252's bytes 0x80 to 0x9f. Written out because Node's decoder of that name is Latin-1 in some versions. */
export const WINDOWS_1252_C1 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

const CP437 =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0';

/** The pages that text is most often misread in, in the order in which ftfy tries them. */
export const CODE_PAGES: readonly CodePage[] = [
  page('latin-1', BYTES),
  page('windows-1252', WINDOWS_1252_C1 + BYTES.slice(32), true),
  page('windows-1251', decoded('windows-1251'), true),
  page('windows-1250', decoded('windows-1250'), true),
  page('windows-1253', decoded('windows-1253'), true),
  page('windows-1254', decoded('windows-1254'), true),
  page('windows-1257', decoded('windows-1257'), true),
  page('iso-8859-2', decoded('iso-8859-2')),
  page('macintosh', decoded('macintosh')),
  page('cp437', CP437),
];

/** An unassigned byte is the control character with that number, as in browsers. */
function decoded(name: string): string {
  const characters = new TextDecoder(name).decode(Buffer.from(BYTES, 'latin1'));
  return Array.from(characters, (character, i) => (character === '\ufffd' ? BYTES[i] : character)).join('');
}

function page(name: string, upperHalf: string, lossy = false): CodePage {
  const bytes = new Map(Array.from(upperHalf, (character, i) => [character, BYTES[i]!]));
  if (lossy) bytes.set('\ufffd', '\u001a');
  return {
    name,
    upperHalf,
    lossy,
    encode(text) {
      let encoded = '';
      for (const character of text) {
        const ascii = character < '\u0080' && !(lossy && character === '\u001a');
        const byte = ascii ? character : bytes.get(character);
        if (byte === undefined) return undefined;
        encoded += byte;
      }
      return encoded;
    },
  };
}
