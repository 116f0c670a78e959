import sharp from 'sharp';

/** Pictures of a thumbnail: two by two. */
export const IN_THUMBNAIL = 4;

const GAP = 2;

/**
 * A small picture of a result's first ones, without its metadata: several are in a square, of which a gallery crops
 * nothing. @param side most pixels of its longer side.
 */
export async function thumbnail(pictures: readonly Uint8Array[], side: number): Promise<Buffer> {
  const [first, ...others] = pictures.slice(0, IN_THUMBNAIL);
  if (others.length === 0) return small(first!, side);
  const half = Math.floor((side - GAP) / 2);
  const tiles = await Promise.all([first!, ...others].map((picture) => small(picture, half)));
  const { width, height } = await sharp(tiles[0]).metadata();
  const rows = Math.ceil(tiles.length / 2);
  const [across, down] = [2 * width + GAP, rows * (height + GAP) - GAP];
  const edge = Math.max(across, down);
  const [left, top] = [Math.floor((edge - across) / 2), Math.floor((edge - down) / 2)];
  const create = {
    width: edge,
    height: edge,
    channels: 4,
    background: { r: 0, g: 0, b: 0, alpha: 0 },
  } as const;
  return sharp({ create })
    .composite(
      tiles.map((input, k) => ({
        input,
        left: left + (k % 2) * (width + GAP),
        top: top + Math.floor(k / 2) * (height + GAP),
      })),
    )
    .webp({ quality: QUALITY })
    .toBuffer();
}

const QUALITY = 85;

function small(picture: Uint8Array, side: number): Promise<Buffer> {
  return sharp(picture).resize(side, side, { fit: 'inside' }).webp({ quality: QUALITY }).toBuffer();
}
