import { named } from './fields.js';
import { parseObject, stringOf } from './json.js';
import type { ReadParameters } from './parameters.js';
import type { Texts } from './texts.js';

const NAMES = {
  c: 'prompt',
  uc: 'negative',
  seed: 'seed',
  steps: 'steps',
  scale: 'scale',
  sampler: 'sampler',
  model: 'model',
  strength: 'strength',
} as const;

/** Draw Things: JSON in the user comment of an XMP packet. */
export function readDrawThings(texts: Texts): ReadParameters | null {
  const [, comment] =
    /<exif:UserComment>[^{]*(\{.*\})[^}]*<\/exif:UserComment>/s.exec(texts.get('XML:com.adobe.xmp') ?? '') ?? [];
  const written = parseObject(unescaped(comment ?? ''));
  if (!written || !('c' in written)) return null;
  const { size: pixels, ...rest } = written;
  const size = /^(\d+)x(\d+)$/.exec(stringOf(pixels) ?? '');
  const sides = size && { width: Number(size[1]), height: Number(size[2]) };
  return { ...named(rest, NAMES), ...sides, version: 'Draw Things' };
}

const ENTITIES: Readonly<Record<string, string>> = {
  quot: '"',
  apos: "'",
  lt: '<',
  gt: '>',
  amp: '&',
  '#34': '"',
  '#39': "'",
  '#10': '\n',
};

function unescaped(xml: string): string {
  return xml.replace(/&([^;]{2,4});/g, (whole, name) => ENTITIES[name] ?? whole);
}
