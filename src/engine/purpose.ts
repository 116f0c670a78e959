import type { Model, UNetConfig } from './model.js';

/** What a model was made for: to paint, to paint inside a mask, or to edit a picture as it is told (InstructPix2Pix). */
export type Purpose = 'paint' | 'inpaint' | 'edit';

/** What a model does with a prompt, a picture and a mask. */
export interface Abilities {
  readonly purpose: Purpose;
  readonly tasks: readonly Task[];
  /** Whether its prompt says what is to be seen, or what is to be changed. */
  readonly prompt: 'description' | 'instruction';
}

export type Task = 'txt2img' | 'img2img' | 'inpaint';

export function purposeOf(model: Model): Purpose {
  return model.kind === 'weights' ? purposeOfUnet(model.unet) : 'paint';
}

/** By what it reads after the latents: nothing, another picture's latents, or a mask and the rest of a picture. */
export function purposeOfUnet({ inChannels, outChannels }: Pick<UNetConfig, 'inChannels' | 'outChannels'>): Purpose {
  if (inChannels === outChannels) return 'paint';
  return inChannels === 2 * outChannels ? 'edit' : 'inpaint';
}

/** @param encodes whether its autoencoder takes pictures; some are pruned to what txt2img needs. */
export function abilitiesOf(purpose: Purpose, encodes: boolean): Abilities {
  const fromPictures = encodes ? (['img2img', 'inpaint'] as const) : [];
  if (purpose === 'edit') return { purpose, tasks: fromPictures, prompt: 'instruction' };
  // An inpainting UNet reads the latents of a picture even where there is none.
  const fromWords = purpose === 'inpaint' && !encodes ? [] : (['txt2img'] as const);
  return { purpose, tasks: [...fromWords, ...fromPictures], prompt: 'description' };
}
