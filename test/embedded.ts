import { openModel } from '../src/engine/checkpoint/open.js';
import { EMBEDDED_MODEL } from '../src/engine/embedded-model.js';
import type { WeightsModel } from '../src/engine/model.js';
import { sizeStep } from '../src/engine/pipeline/request.js';

/** The model that ships. Nothing is read but its header and its card. */
export const embedded = (await openModel(EMBEDDED_MODEL)) as WeightsModel;

/** Pixels of each side of its pictures. */
export const SIDE = embedded.card.nativeSize;

/** Pixels: it paints sides that this divides. */
export const STEP = sizeStep(embedded);

/** The shape of the latents of its pictures. */
export function latentShape(width = SIDE, height = width, pictures = 1): [number, number, number, number] {
  const { latentChannels, downsampling } = embedded;
  return [pictures, latentChannels, height / downsampling, width / downsampling];
}
