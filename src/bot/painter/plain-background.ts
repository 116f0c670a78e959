/** Red, green, blue and alpha (not premultiplied), row by row. */
export interface Rgba {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Colours this close to the background's belong to it: noise, JPEG artefacts and pale shadows shift it this far. */
const NEAR = 24;
/** Islands smaller than this share of the picture are specks of the background. */
const SPECK = 1 / 500;
/** The share of the picture's edge that must have the background's colour for it to be plain. */
const EDGE_SHARE = 0.9;
/** The least share of the picture that must be cut out, and that must remain. */
const LEAST = 0.05;
const MOST = 0.97;
/** Pixels between background and subject that may be a mixture of both. */
const FRINGE = 3;

/**
 * Makes a plain background transparent, in place: the pixels of its colour that are connected to the picture's edge.
 * Areas enclosed by the subject stay, such as the white of an eye. Pixels on the outline are a mixture of both colours,
 * p = aF + (1-a)B, where the subject's F is taken from the neighbour that differs most from the background B; they
 * become F with alpha a, so that no halo is left on a dark page.
 *
 * @returns false, with nothing changed, if the background is not plain.
 */
export function cutOutPlainBackground({ data, width, height }: Rgba): boolean {
  const background = edgeColour({ data, width, height });
  const distance = new Uint8Array(width * height);
  for (let i = 0; i < distance.length; i++) distance[i] = away(data, i * 4, background);
  const edge = edgePixels(width, height);
  if (edge.filter((i) => distance[i]! < NEAR).length < EDGE_SHARE * edge.length) return false;
  const inside = flooded(distance, width, height, edge);
  const count = inside.reduce((sum, one) => sum + one, 0);
  if (count < LEAST * distance.length || count > MOST * distance.length) return false;
  const outline = fringe(inside, width, height);
  for (let i = 0; i < inside.length; i++) if (inside[i]) data[i * 4 + 3] = 0;
  for (const i of outline) {
    const alpha = Math.min(1, distance[i]! / Math.max(1, strongest(distance, inside, i, width, height)));
    data[i * 4 + 3] = Math.round(alpha * 255);
    for (let c = 0; c < 3; c++) {
      const mixed = data[i * 4 + c]!;
      const own = background[c]! + (mixed - background[c]!) / Math.max(alpha, 1 / 255);
      data[i * 4 + c] = Math.max(0, Math.min(255, Math.round(own)));
    }
  }
  return true;
}

/** The median of each channel along the edge. */
function edgeColour({ data, width, height }: Rgba): readonly number[] {
  const edge = edgePixels(width, height);
  return [0, 1, 2].map((c) => edge.map((i) => data[i * 4 + c]!).sort((a, b) => a - b)[edge.length >> 1]!);
}

function edgePixels(width: number, height: number): number[] {
  const pixels: number[] = [];
  for (let x = 0; x < width; x++) pixels.push(x, (height - 1) * width + x);
  for (let y = 1; y < height - 1; y++) pixels.push(y * width, y * width + width - 1);
  return pixels;
}

/** The largest difference of any channel. */
function away(data: Uint8Array, at: number, [r, g, b]: readonly number[]): number {
  return Math.max(Math.abs(data[at]! - r!), Math.abs(data[at + 1]! - g!), Math.abs(data[at + 2]! - b!));
}

/** 1 for the background: what is connected to the edge, including specks. */
function flooded(distance: Uint8Array, width: number, height: number, edge: readonly number[]): Uint8Array {
  const inside = new Uint8Array(distance.length);
  for (const i of edge)
    region(
      i,
      (j) => !inside[j] && distance[j]! < NEAR,
      (j) => (inside[j] = 1),
      width,
      height,
    );
  const met = new Uint8Array(distance.length);
  for (let i = 0; i < met.length; i++) {
    const island = region(
      i,
      (j) => !inside[j] && !met[j],
      (j) => (met[j] = 1),
      width,
      height,
    );
    if (island.length < SPECK * met.length) for (const j of island) inside[j] = 1;
  }
  return inside;
}

/** The pixels connected to one, above, below and beside. @param mark makes `open` false for a pixel. */
function region(
  from: number,
  open: (i: number) => boolean,
  mark: (i: number) => void,
  width: number,
  height: number,
): number[] {
  const found: number[] = [];
  const visit = (i: number) => {
    if (!open(i)) return;
    mark(i);
    found.push(i);
  };
  visit(from);
  for (let at = 0; at < found.length; at++) {
    const i = found[at]!;
    const x = i % width;
    if (x > 0) visit(i - 1);
    if (x < width - 1) visit(i + 1);
    if (i >= width) visit(i - width);
    if (i < width * (height - 1)) visit(i + width);
  }
  return found;
}

/** Pixels of the subject at most FRINGE away from the background. */
function fringe(inside: Uint8Array, width: number, height: number): number[] {
  const outline: number[] = [];
  for (let i = 0; i < inside.length; i++) {
    if (!inside[i] && around(i, FRINGE, width, height, (j) => inside[j] === 1)) outline.push(i);
  }
  return outline;
}

/** The largest distance from the background among neighbours in the subject. */
function strongest(distance: Uint8Array, inside: Uint8Array, i: number, width: number, height: number): number {
  let most = 0;
  around(i, FRINGE, width, height, (j) => {
    if (!inside[j]) most = Math.max(most, distance[j]!);
    return false;
  });
  return most;
}

/** Whether something holds for any pixel in the square around another. */
function around(i: number, reach: number, width: number, height: number, holds: (j: number) => boolean): boolean {
  const [x, y] = [i % width, Math.floor(i / width)];
  for (let v = Math.max(0, y - reach); v <= Math.min(height - 1, y + reach); v++) {
    for (let u = Math.max(0, x - reach); u <= Math.min(width - 1, x + reach); u++) {
      if (holds(v * width + u)) return true;
    }
  }
  return false;
}
