/** Pixels a side of the canvas that one emoji at a time is drawn on. */
const SIDE = 32;
const FLAG = /^\p{Regional_Indicator}/u;

let context: CanvasRenderingContext2D | null | undefined;
const known = new Map<string, boolean>();

/**
 * Whether this system's fonts have an emoji: a font in colour draws it alike whatever the text's colour is, and the box for
 * a missing one takes the colour. Flags count as drawn, because Windows writes their two letters, and so does everything
 * where there is no font in colour at all.
 */
export function isDrawn(emoji: string): boolean {
  let drawn = known.get(emoji);
  if (drawn === undefined) {
    drawn = FLAG.test(emoji) || !inColour('😀') || (inColour(emoji) && isOne(emoji));
    known.set(emoji, drawn);
  }
  return drawn;
}

function canvas(): CanvasRenderingContext2D | null {
  if (context === undefined) {
    const element = Object.assign(document.createElement('canvas'), { width: SIDE, height: SIDE });
    context = element.getContext('2d', { willReadFrequently: true });
    if (context) Object.assign(context, { font: `${SIDE / 2}px sans-serif`, textBaseline: 'top' });
  }
  return context ?? null;
}

function inColour(emoji: string): boolean {
  const [one, other] = ['#000', '#fff'].map((colour) => pixels(emoji, colour));
  return one === other && /[1-9]/.test(one!);
}

function pixels(emoji: string, colour: string): string {
  const drawing = canvas();
  if (!drawing) return '';
  drawing.clearRect(0, 0, SIDE, SIDE);
  drawing.fillStyle = colour;
  drawing.fillText(emoji, 0, 0);
  return drawing.getImageData(0, 0, SIDE, SIDE).data.join();
}

/** A joined sequence that the font does not have falls apart into several emojis. */
function isOne(emoji: string): boolean {
  const width = (text: string) => canvas()?.measureText(text).width ?? 0;
  return width(emoji) < 1.5 * width('😀');
}
