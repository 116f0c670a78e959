import type { ChatInputCommandInteraction } from 'discord.js';
import { type UpscalerOffer, upscalerFor } from '../models/upscalers.js';
import type { Making, PictureOptions } from './from-picture.js';

/** How /upscale is to enlarge a picture. */
export interface Enlarging {
  readonly making: Extract<Making, { kind: 'upscale' }>;
  /** Whether a model paints details after an upscaler. Words and a strength are for nothing else. */
  readonly details: boolean;
}

/**
 * As the options `by`, `with` and `details` say, which are only there with an upscaler. Without `with`, it depends on what
 * painted the picture. @throws Refusal if it is not there.
 */
export function enlargingFor(
  offer: UpscalerOffer,
  options: ChatInputCommandInteraction['options'],
  { prompt, strength }: PictureOptions,
): Enlarging {
  const named = options.getString('with');
  const upscaler = named === null ? undefined : upscalerFor(offer, named);
  const factor = options.getInteger('by');
  const details = options.getBoolean('details') ?? (Boolean(prompt) || typeof strength === 'number');
  return {
    making: {
      kind: 'upscale',
      ...(factor !== null && { factor }),
      ...(upscaler && { upscaler: upscaler.name }),
    },
    details,
  };
}
