import type { Model } from '../model.js';
import type { Room } from '../networks.js';
import { purposeOf } from '../purpose.js';
import type { Runner } from './half-session.js';
import type { Sessions } from './session-networks.js';
import { ThriftySession } from './thrifty-session.js';

/** What a model's networks take together; undefined if that is not known. Those that do not run can be released. */
export function roomOf(model: Model, { unet, decoder, encoder }: Sessions): Room | undefined {
  if (!(unet instanceof ThriftySession)) return undefined;
  const latents = (width: number, height: number, rows: number) => [
    rows,
    model.latentChannels,
    height / model.downsampling,
    width / model.downsampling,
  ];
  const least = (session: Runner | undefined, shape: readonly number[]) => session?.least?.(shape) ?? 0;
  // With and without the prompt; a model that edits also without the picture.
  const guided = purposeOf(model) === 'edit' ? 3 : 2;
  return {
    needed: (width, height, encodes) =>
      Math.max(
        unet.least(latents(width, height, guided)),
        least(decoder, latents(width, height, 1)),
        encodes ? least(encoder, [1, 3, height, width]) : 0,
      ),
    available: () => unet.most,
    takes: (shape) => unet.fits(shape),
  };
}
