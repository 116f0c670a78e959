import { join } from 'node:path';
import type { OverlayOptions } from 'sharp';
import { grid } from '../../engine/image/grid.js';
import type { Pixels } from '../../engine/image/pixels.js';
import { packageRoot } from '../../package-root.js';
import { cut } from '../text/cut.js';
import { isBlank } from '../text/quote.js';

/** Ships with Easel, because a server may have no fonts at all. Other scripts are drawn with the system's fonts, if it has any. */
const FONT = join(packageRoot, 'src/bot/fonts/noto-sans-latin.ttf');
const LONGEST_LABEL = 60;
const GAP = 6;
const PAPER = '#ffffff';
const INK = '#1a1a1a';

/** Labels, and the pixels they take to the left of the pictures and above them. */
interface Labelled {
  readonly left: number;
  readonly top: number;
  readonly labels: OverlayOptions[];
}

/** Pictures of one size in rows, with a text above each column and to the left of each row. */
export async function labelledGrid(
  pictures: readonly Pixels[],
  columns: readonly string[],
  rows: readonly string[],
): Promise<Pixels> {
  const cells = grid(pictures, columns.length);
  const { left, top, labels } = await labelled(columns, rows, pictures[0]!);
  const [width, height] = [cells.width + left, cells.height + top];
  const { width: w, height: h, data } = cells;
  const { default: sharp } = await import('sharp');
  const composed = await sharp({ create: { width, height, channels: 3, background: PAPER } })
    .composite([{ input: Buffer.from(data), raw: { width: w, height: h, channels: 3 }, left, top }, ...labels])
    .removeAlpha()
    .raw()
    .toBuffer();
  return { width, height, data: new Uint8Array(composed) };
}

/** Pictures of one size, each with a text of its own below it. */
export async function captioned(pictures: readonly Pixels[], captions: readonly string[]): Promise<Pixels[]> {
  const { width: w, height: h } = pictures[0]!;
  const texts = await Promise.all(captions.map((caption) => text(caption, sizeBeside(w), w)));
  const width = Math.max(w, ...texts.map((drawn) => drawn.width));
  const height = h + Math.max(...texts.map((drawn) => drawn.height)) + 2 * GAP;
  const { default: sharp } = await import('sharp');
  return Promise.all(
    pictures.map(async ({ data }, k) => {
      const { input, width: taken } = texts[k]!;
      const whole = sharp({ create: { width, height, channels: 3, background: PAPER } }).composite([
        {
          input: Buffer.from(data),
          raw: { width: w, height: h, channels: 3 },
          left: Math.floor((width - w) / 2),
          top: 0,
        },
        { input, left: Math.floor((width - taken) / 2), top: h + GAP },
      ]);
      return { width, height, data: new Uint8Array(await whole.removeAlpha().raw().toBuffer()) };
    }),
  );
}

/** Pixels of letters that go with a picture. */
function sizeBeside(width: number): number {
  return Math.round(Math.min(28, Math.max(12, width / 12)));
}

async function labelled(
  columnTexts: readonly string[],
  rowTexts: readonly string[],
  picture: Pick<Pixels, 'width' | 'height'>,
): Promise<Labelled> {
  const size = sizeBeside(picture.width);
  const draw = (texts: readonly string[], width: number) => Promise.all(texts.map((label) => text(label, size, width)));
  const columns = await draw(columnTexts, picture.width);
  const rows = await draw(rowTexts, Math.round(picture.width * 0.75));
  const margin = (lengths: number[]) => (lengths.length === 0 ? 0 : Math.max(...lengths) + 2 * GAP);
  const left = margin(rows.map(({ width }) => width));
  const top = margin(columns.map(({ height }) => height));
  const middle = (k: number, side: number, taken: number) => 2 + k * (side + 2) + Math.round((side - taken) / 2);
  return {
    left,
    top,
    labels: [
      ...columns.map(({ input, width, height }, k) => ({
        input,
        left: Math.max(0, left + middle(k, picture.width, width)),
        top: Math.round((top - height) / 2),
      })),
      ...rows.map(({ input, width, height }, k) => ({
        input,
        left: left - GAP - width,
        top: Math.max(0, top + middle(k, picture.height, height)),
      })),
    ],
  };
}

interface Drawn {
  readonly input: Buffer;
  readonly width: number;
  readonly height: number;
}

/** Blank text, and text that Pango refuses, leaves its place empty. */
async function text(label: string, size: number, width: number): Promise<Drawn> {
  const drawn = isBlank(label) ? null : await inked(label, size, width).catch(() => null);
  if (drawn) return drawn;
  const { default: sharp } = await import('sharp');
  const none = sharp({ create: { width: 1, height: 1, channels: 4, background: '#0000' } });
  return { input: await none.png().toBuffer(), width: 1, height: 1 };
}

async function inked(label: string, size: number, width: number): Promise<Drawn> {
  const short = cut(label, LONGEST_LABEL);
  const escaped = short.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const { default: sharp } = await import('sharp');
  const { data, info } = await sharp({
    text: {
      text: `<span foreground="${INK}">${escaped}</span>`,
      font: `Noto Sans ${size}`,
      fontfile: FONT,
      rgba: true,
      dpi: 72,
      width,
      align: 'centre',
      wrap: 'word-char',
    },
  })
    .png()
    .toBuffer({ resolveWithObject: true });
  return { input: data, width: info.width, height: info.height };
}
