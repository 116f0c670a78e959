const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_OBJECT = 0x7b;
const OPEN_LIST = 0x5b;
const CLOSE_OBJECT = 0x7d;
const CLOSE_LIST = 0x5d;

/**
 * Whether a JSON object has more than `limit` members, counted in its bytes: JSON.parse takes seconds and a gigabyte for a
 * million of them. Only commas between members count, so text and what is nested may be as long as it likes.
 */
export function hasMoreMembers(json: Uint8Array, limit: number): boolean {
  let depth = 0;
  let members = 1;
  for (let i = 0; i < json.length; i++) {
    const byte = json[i]!;
    if (byte === QUOTE) {
      for (i++; i < json.length && json[i] !== QUOTE; i++) if (json[i] === BACKSLASH) i++;
    } else if (byte === OPEN_OBJECT || byte === OPEN_LIST) depth++;
    else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) depth--;
    else if (byte === COMMA && depth === 1 && ++members > limit) return true;
  }
  return false;
}
