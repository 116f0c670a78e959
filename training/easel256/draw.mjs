/**
 * Draws the SVG sets as PNG: `node easel256/draw.mjs WORK [SIDE] [SET ...]`, into WORK/art/SET/CODE.png.
 *
 * The files are named by code point as those of @lobehub/fluent-emoji-3d are, so that a thing has the same code in every
 * set. `npm ci` has checked each package against the hash in package-lock.json.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Resvg } from '@resvg/resvg-js';

const SETS = {
  glossy: '@iconify-json/fluent-emoji',
  flat: '@iconify-json/fluent-emoji-flat',
  cartoon: '@iconify-json/noto',
};
const [work, side = '256', ...chosen] = process.argv.slice(2);
if (work === undefined) throw new Error('Say where to write: node easel256/draw.mjs WORK [SIDE] [SET ...]');

const require = createRequire(import.meta.url);
/** resvg 2.6.2 aborts the whole process on this icon, in Noto's version. */
const UNDRAWABLE = new Set(['package']);
const bare = (code) => code.toLowerCase().replaceAll('-fe0f', '');
const things = readFileSync(join(import.meta.dirname, 'things.txt'), 'utf8');
const codes = new Map(things.match(/(?<=[ :])[0-9a-f]{4,}[0-9a-f-]*/g).map((code) => [bare(code), code]));
const slug = (label) =>
  label
    .toLowerCase()
    .replace(/[’'“”".!:(),&]/g, '')
    .replace(/[\s-]+/g, '-');

for (const set of chosen.length > 0 ? chosen : ['flat', 'cartoon']) {
  const icons = require(`${SETS[set]}/icons.json`);
  const folder = join(work, 'art', set);
  mkdirSync(folder, { recursive: true });
  let drawn = 0;
  for (const { label, hexcode, group } of require('emojibase-data/en/data.json')) {
    const icon = icons.icons[slug(label)];
    const code = codes.get(bare(hexcode));
    if (icon === undefined || code === undefined || group === undefined || UNDRAWABLE.has(label)) continue;
    const width = icon.width ?? icons.width ?? 16;
    const height = icon.height ?? icons.height ?? 16;
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 ${width} ${height}" width="${side}" height="${side}">${icon.body}</svg>`;
    writeFileSync(join(folder, `${code}.png`), new Resvg(svg, { fitTo: { mode: 'width', value: Number(side) } }).render().asPng());
    drawn += 1;
  }
  console.log(`${set}: ${drawn} pictures`);
}
