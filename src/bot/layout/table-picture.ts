import { join } from 'node:path';
import type { OverlayOptions } from 'sharp';
import { grid } from '../../engine/image/grid.js';
import type { Pixels } from '../../engine/image/pixels.js';
import { packageRoot } from '../../engine/package-root.js';
import { axisLabel } from '../request/axes.js';
import type { Axis } from '../request/paint-request.js';
import { cut } from '../text/cut.js';
import { type Translate, translateFor } from '../text/i18n.js';
import { isBlank } from '../text/quote.js';

/**
 * Ships with the bot, because a server may have no fonts at all. Prompts in other scripts are drawn with the system's
 * fonts, if it has any; the bot's own labels must not depend on those, so they are in English instead.
 */
const FONT = join(packageRoot, 'src/bot/fonts/noto-sans-latin.ttf');
/** The characters that the font has. */
const DRAWN = /^[ -~\u00a0-ÿŒœ‘’“”–—…]*$/;
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

/**
 * Pictures of one size in the rows and columns of a table, with their differences written above and to the left.
 *
 * @param axes columns, then rows.
 */
export async function tablePicture(pictures: readonly Pixels[], axes: readonly Axis[], t: Translate): Promise<Pixels> {
  const cells = grid(pictures, axes[0]!.values.length);
  const { left, top, labels } = await labelled(axes, pictures[0]!, t);
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

async function labelled(
  [across, down]: readonly Axis[],
  picture: Pick<Pixels, 'width' | 'height'>,
  t: Translate,
): Promise<Labelled> {
  const size = Math.round(Math.min(28, Math.max(12, picture.width / 12)));
  const draw = (axis: Axis | undefined, width: number) =>
    Promise.all((axis?.values ?? []).map((value) => text(label(axis!, value, t), size, width)));
  const columns = await draw(across, picture.width);
  const rows = await draw(down, Math.round(picture.width * 0.75));
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

function label(axis: Axis, value: string, t: Translate): string {
  const own = axisLabel(axis, value, t);
  return DRAWN.test(own) ? own : axisLabel(axis, value, translateFor('en'));
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
