/** What a JSON text holds. */
export type Json = Readonly<Record<string, unknown>>;

const MAX_DEPTH = 32;
/** Strings first, so that nothing inside of them is taken for something else. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[[{]|[\]}]|-?(?:\d[\d.eE+-]*|Infinity)|NaN/gs;

/**
 * An object in JSON as Python writes it: NaN and infinities, which JSON does not know, are null; a whole number that a
 * double would round is its digits, as a string. Null for anything else, also for what nests deeper than anybody writes.
 */
export function parseObject(text: string | undefined): Json | null {
  if (!text || !/^\s*\{/.test(text)) return null;
  let depth = 0;
  let deepest = 0;
  const exact = text.replace(TOKEN, (token) => {
    if (token === '[' || token === '{') deepest = Math.max(deepest, ++depth);
    else if (token === ']' || token === '}') depth--;
    else if (/^(?:NaN|-?Infinity)$/.test(token)) return 'null';
    else if (/^-?\d+$/.test(token) && !Number.isSafeInteger(Number(token))) return `"${token}"`;
    return token;
  });
  if (deepest > MAX_DEPTH) return null;
  try {
    return objectOf(JSON.parse(exact));
  } catch {
    return null;
  }
}

/** Whether a text is meant to be JSON, even if it is cut or damaged: words have no quotation mark behind their bracket. */
export function isJson(text: string | undefined): boolean {
  return /^\s*(?:\{\s*["}]|\[\s*[\]"{])/.test(text ?? '');
}

export function objectOf(value: unknown): Json | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : null;
}

export function stringOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
