import type { Model } from '../model.js';
import type { Room } from '../networks.js';
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
  const least = (session: unknown, shape: readonly number[]) =>
    session instanceof ThriftySession ? session.least(shape) : 0;
  return {
    needed: (width, height, encodes) =>
      Math.max(
        unet.least(latents(width, height, GUIDED)),
        least(decoder, latents(width, height, 1)),
        encodes ? least(encoder, [1, 3, height, width]) : 0,
      ),
    available: () => unet.most,
    takes: (shape) => unet.fits(shape),
  };
}

/** Rows of one picture: with and without the prompt. */
const GUIDED = 2;
