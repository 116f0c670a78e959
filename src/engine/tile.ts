/** Edges of a picture that continue each other, so that copies of it join there without a seam: left and right, top and bottom. */
export const TILES = ['x', 'y', 'both'] as const;
export type Tile = (typeof TILES)[number];

/** Whether the left edge continues the right one, and the top edge the bottom one. */
export function wraps(tile: Tile | undefined): { readonly across: boolean; readonly down: boolean } {
  return { across: tile === 'x' || tile === 'both', down: tile === 'y' || tile === 'both' };
}
