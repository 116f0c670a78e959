import { filled } from '../image/fill.js';
import { checkMaskSize } from '../image/load.js';
import type { Pixels } from '../image/pixels.js';
import { purposeOf } from '../purpose.js';
import type { Step } from '../samplers/sampler.js';
import { maskedPicture, pictureToEdit } from './beside.js';
import { denoise } from './denoise.js';
import { type Engine, latentShape } from './engine.js';
import { finish } from './finish.js';
import { encode } from './latents.js';
import { partToPaint } from './part-to-paint.js';
import type { Picture } from './picture.js';
import type { PaintOptions } from './progress.js';
import { type InpaintFill, type InpaintRequest, type Opened, planOf, sizeOf } from './request.js';
import { requireRoom } from './require-room.js';
import { startNoise } from './start-noise.js';

/** AUTOMATIC1111's words for what the masked part begins as; left out for the usual. */
const MASKED_CONTENT: Readonly<Partial<Record<InpaintFill, string>>> = {
  surroundings: 'fill',
  noise: 'latent noise',
  nothing: 'latent nothing',
};

/**
 * Repaints the white part of the mask. After every step the black part is replaced by the original, noised to that
 * step's level (RePaint's simplest form, Lugmayr et al. 2022; the reference's ddim_sampling with a mask), so any
 * checkpoint can do it. One made for inpainting reads the mask and the rest of the picture instead, and begins with
 * nothing but noise at strength 1 (diffusers' StableDiffusionInpaintPipeline). The kept pixels are the original's.
 * What the white part begins as is AUTOMATIC1111's (modules/processing.py, inpainting_fill), whose noise over noise is twice the same.
 *
 * @throws RequestError, also for a mask that is black everywhere if only the masked area is painted.
 */
export async function inpaint(
  engine: Engine,
  request: Opened<InpaintRequest>,
  options: PaintOptions = {},
): Promise<Picture[]> {
  checkMaskSize(request.image, request.mask);
  const whole = planOf(engine.model, request);
  const part = partToPaint(engine.model, request);
  const { mask, retouch } = part;
  const fill = request.fill ?? 'original';
  const image = fill === 'original' ? part.image : filled(part.image, mask);
  const plan = { ...whole, controls: whole.controls.map((control) => ({ ...control, image: part.of(control.image) })) };
  const strength = request.strength ?? 0.9;
  const [width, height] = sizeOf(engine.model, image);
  requireRoom(engine, width, height, true, plan.controls);
  const rows = plan.prompts.length;
  const shape = latentShape(engine.model, rows, width, height);
  const content = MASKED_CONTENT[fill];
  const parameters = { ...(content && { maskedContent: content }), ...part.parameters, ...request.parameters };
  const extras = { strength, retouch, parameters };
  const latentMask = shrink(mask, engine.model.downsampling);
  const begun = (latents: Float32Array, noise: Float32Array) =>
    fill === 'noise' || fill === 'nothing'
      ? latents.map((kept, i) => (!latentMask[i % latentMask.length] ? kept : fill === 'noise' ? noise[i]! : 0))
      : latents;

  if (purposeOf(engine.model) === 'inpaint') {
    // The order of the draws is diffusers': the picture's posterior if it is needed, noise, the rest's posterior.
    const latents = strength < 1 ? (await encode(engine, image, rows, plan.generator)).data : undefined;
    const context = await engine.condition(plan, options);
    const noise = startNoise(plan, shape);
    const extra = await maskedPicture(engine, image, mask, rows, plan.generator);
    const start = latents
      ? ({ latents: begun(latents, noise), noise, strength, atFirstStep: true } as const)
      : { noise };
    const painted = await denoise(engine, plan, context, shape, start, options, { extra });
    return finish(engine, plan, painted, options, extras);
  }

  const { data: original } = await encode(engine, image, rows, plan.generator);
  const context = await engine.condition(plan, options);
  const extra = purposeOf(engine.model) === 'edit' ? await pictureToEdit(engine, image, rows) : undefined;
  const noise = startNoise(plan, shape);
  const afterStep = (step: Step): void => {
    const plane = latentMask.length;
    for (let i = 0; i < original.length; i++) {
      const m = latentMask[i % plane]!;
      const kept = step.signal * original[i]! + step.noise * noise[i]!;
      step.latents[i] = m * step.latents[i]! + (1 - m) * kept;
    }
  };
  const start = { latents: begun(original, noise), noise, strength };
  const latents = await denoise(engine, plan, context, shape, start, options, {
    ...(extra && { extra }),
    afterStep,
  });
  return finish(engine, plan, latents, options, extras);
}

/** White at any pixel of a latent's square means that the latent is painted: 1; else 0. */
function shrink(mask: Pixels, factor: number): Float32Array {
  const [width, height] = [mask.width / factor, mask.height / factor];
  const small = new Float32Array(width * height);
  for (let y = 0; y < mask.height; y++) {
    for (let x = 0; x < mask.width; x++) {
      if (mask.data[(y * mask.width + x) * 3]! >= 128)
        small[Math.floor(y / factor) * width + Math.floor(x / factor)] = 1;
    }
  }
  return small;
}
