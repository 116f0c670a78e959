import { type Ask, readSoon } from '../intake/ask.js';
import type { PictureNeeds } from '../intake/sources.js';
import type { Size } from '../request/size.js';

/**
 * Of a picture in the cache, as its file has it: what a picture was painted from may have made it smaller or larger than was
 * asked for. What was asked for, if reading the file takes too long.
 */
export async function pictureSize(
  { pictures, inspectors }: PictureNeeds,
  ask: Ask,
  key: string,
  asked: { readonly width: number; readonly height: number },
): Promise<Size> {
  const bytes = await pictures.get(key);
  const reading = bytes ? inspectors.size(bytes, ask.place.userId) : undefined;
  const { width, height } = (await readSoon(ask, reading)) ?? asked;
  return [width, height];
}
