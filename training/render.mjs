/**
 * Renders emoji of three open icon sets: `node render.mjs WORK [--smoke] [--large]`.
 *
 * Writes WORK/art.bin (premultiplied RGBA, uint8, [pictures, 128, 128, 4]; with --large WORK/art-512.bin, four times the
 * side) and WORK/concepts.json: for every concept its label, its emoji subgroup and, for each style, the index of its
 * picture in art.bin. The sets are SVG (Iconify's JSON); resvg draws them.
 */
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Resvg } from '@resvg/resvg-js';

const SETS = {
  glossy: '@iconify-json/fluent-emoji',
  flat: '@iconify-json/fluent-emoji-flat',
  cartoon: '@iconify-json/noto',
};
/** Groups of emoji that show things. Flags, symbols and most people show signs, letters or variants. */
const GROUPS = new Set(['animals-nature', 'food-drink', 'travel-places', 'activities', 'objects', 'smileys-emotion']);

const [work, ...flags] = process.argv.slice(2);
if (work === undefined) throw new Error('Say where to write: node render.mjs WORK [--smoke] [--large]');
const smoke = flags.includes('--smoke');
const large = flags.includes('--large');
const SIZE = large ? 512 : 128;

const require = createRequire(import.meta.url);
const here = dirname(fileURLToPath(import.meta.url));
const emoji = require('emojibase-data/en/data.json');
const { groups, subgroups } = require('emojibase-data/meta/groups.json');
const icons = Object.fromEntries(Object.entries(SETS).map(([style, name]) => [style, require(`${name}/icons.json`)]));
const painted = new Set(readFileSync(join(here, 'concepts.txt'), 'utf8').split('\n').filter(Boolean));

/** resvg 2.6.2 aborts the whole process on this icon, in Noto's version. */
const UNDRAWABLE = new Set(['package']);

/** Iconify's name of an emoji: its Unicode name in lower case, joined by hyphens. */
const slug = (label) =>
  label
    .toLowerCase()
    .replace(/[’'“”".!:(),&]/g, '')
    .replace(/[\s-]+/g, '-');

/** @returns {Buffer | undefined} the picture as premultiplied RGBA bytes; nothing where the set lacks the icon */
function draw(set, name) {
  const icon = set.icons[name];
  if (icon === undefined) return undefined;
  const width = icon.width ?? set.width ?? 16;
  const height = icon.height ?? set.height ?? 16;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 ${width} ${height}" width="${SIZE}" height="${SIZE}">${icon.body}</svg>`;
  const picture = new Resvg(svg, { fitTo: { mode: 'width', value: SIZE } }).render();
  return picture.width === SIZE && picture.height === SIZE ? Buffer.from(picture.pixels) : undefined;
}

mkdirSync(work, { recursive: true });
const art = openSync(join(work, large ? 'art-512.bin' : 'art.bin'), 'w');
let drawn = 0;
const concepts = [];
for (const { label, group, subgroup } of emoji) {
  const wanted = painted.has(label) || (!smoke && GROUPS.has(groups[group]));
  if (!wanted || UNDRAWABLE.has(label)) continue;
  const styles = {};
  for (const [style, set] of Object.entries(icons)) {
    const picture = draw(set, slug(label));
    if (picture === undefined) continue;
    writeSync(art, picture);
    styles[style] = drawn++;
  }
  if (styles.glossy !== undefined) concepts.push({ label, subgroup: subgroups[subgroup], styles });
}

const missing = [...painted].filter((label) => !concepts.some((concept) => concept.label === label));
if (missing.length > 0) throw new Error(`No glossy picture of: ${missing.join(', ')}. Were the icon packages updated?`);
closeSync(art);
writeFileSync(join(work, 'concepts.json'), JSON.stringify(concepts));
console.log(`${concepts.length} concepts, ${drawn} pictures`);
