/**
 * Draws the SVG sets as PNG: `node art/draw.mjs WORK [--large] [--side PIXELS]`, into WORK/art/SET/CODE.png.
 *
 * The files are named by code point as those of @lobehub/fluent-emoji-3d are, so that a thing has the same code in every
 * set. `npm ci` has checked each package against the hash in package-lock.json. The set `own` is drawings/: what emoji lack.
 * --large draws into WORK/art-large what the upscaler learns from: the same at 768 pixels, and the glossy set, which shows
 * as SVG what the 3D set has as pictures of 256.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Resvg } from '@resvg/resvg-js';
import { drawings } from './drawings/index.mjs';

const SETS = {
  glossy: '@iconify-json/fluent-emoji',
  flat: '@iconify-json/fluent-emoji-flat',
  cartoon: '@iconify-json/noto',
};
const { values: options, positionals } = parseArgs({
  options: { large: { type: 'boolean', default: false }, side: { type: 'string' } },
  allowPositionals: true,
});
const [work] = positionals;
if (work === undefined) throw new Error('Say where to write: node art/draw.mjs WORK [--large] [--side PIXELS]');
const side = Number(options.side ?? (options.large ? 768 : 256));

const require = createRequire(import.meta.url);
/** resvg 2.6.2 aborts the whole process on this icon, in Noto's version. */
const UNDRAWABLE = new Set(['package']);
const bare = (code) => code.toLowerCase().replaceAll('-fe0f', '');
const things = readFileSync(join(import.meta.dirname, 'things.txt'), 'utf8');
const ofThings = things.match(/(?<=[ :])[0-9a-f]{4,}[0-9a-f-]*/g);
const assets = join(import.meta.dirname, '../node_modules/@lobehub/fluent-emoji-3d/assets');
const ofMainSet = readdirSync(assets).map((file) => file.replace('.webp', ''));
const slug = (label) =>
  label
    .toLowerCase()
    .replace(/[’'“”".!:(),&]/g, '')
    .replace(/[\s-]+/g, '-');

/** Each file's name, what to see of its plane, and what is on it. */
function* pictures(set) {
  if (set === 'own') {
    for (const [name, draw] of Object.entries(drawings)) yield [name, '0 0 256 256', draw()];
    return;
  }
  const icons = require(`${SETS[set]}/icons.json`);
  const codes = new Map((set === 'glossy' ? ofMainSet : ofThings).map((code) => [bare(code), code]));
  for (const { label, hexcode, group } of require('emojibase-data/en/data.json')) {
    const icon = icons.icons[slug(label)];
    const code = codes.get(bare(hexcode));
    if (icon === undefined || code === undefined || group === undefined || UNDRAWABLE.has(label)) continue;
    const width = icon.width ?? icons.width ?? 16;
    const height = icon.height ?? icons.height ?? 16;
    yield [code, `0 0 ${width} ${height}`, icon.body];
  }
}

for (const set of options.large ? ['glossy', 'flat', 'cartoon', 'own'] : ['flat', 'cartoon', 'own']) {
  const folder = join(work, options.large ? 'art-large' : 'art', set);
  mkdirSync(folder, { recursive: true });
  let drawn = 0;
  for (const [name, plane, body] of pictures(set)) {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="${plane}" width="${side}" height="${side}">${body}</svg>`;
    const image = new Resvg(svg, { fitTo: { mode: 'width', value: side } }).render();
    writeFileSync(join(folder, `${name}.png`), image.asPng());
    drawn += 1;
  }
  console.log(`${set}: ${drawn} pictures`);
}
