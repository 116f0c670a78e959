import { checkMaskSize } from '../image/load.js';
import { checkPixels, type Pixels } from '../image/pixels.js';
import type { Tensor } from '../networks.js';
import type { Step } from '../samplers/sampler.js';
import { elements } from '../shape.js';
import { denoise } from './denoise.js';
import { type Engine, latentShape, repeatRows } from './engine.js';
import { finish, type Picture } from './finish.js';
import { encode } from './latents.js';
import type { PaintOptions } from './progress.js';
import { checkStrength, type InpaintRequest, planOf, sizeOf } from './request.js';
import { requireRoom } from './require-room.js';

/**
 * Repaints the white part of the mask. After every step the black part is replaced by the original, noised to that
 * step's level (RePaint's simplest form, Lugmayr et al. 2022; the reference's ddim_sampling with a mask), so any
 * checkpoint can do it; one made for inpainting reads mask and masked picture as well. The kept pixels are the original's.
 */
export async function inpaint(engine: Engine, request: InpaintRequest, options: PaintOptions = {}): Promise<Picture[]> {
  const { image, mask } = request;
  checkPixels('image', image);
  checkPixels('mask', mask);
  checkMaskSize(image, mask);
  const plan = planOf(engine.model, request);
  const strength = checkStrength(request.strength ?? 0.9);
  const [width, height] = sizeOf(engine.model, image);
  requireRoom(engine, width, height, true);
  const shape = latentShape(engine.model, plan.prompts.length, width, height);
  const latentMask = shrink(mask, engine.model.downsampling);

  const { data: original } = await encode(engine, image, plan.prompts.length, plan.generator);
  const context = await engine.condition(plan, options);
  const extra = await maskConditioning(engine, image, mask, latentMask, shape);
  const noise = plan.generator.randn(elements(shape));
  const afterStep = (step: Step): void => {
    const plane = latentMask.length;
    for (let i = 0; i < original.length; i++) {
      const m = latentMask[i % plane]!;
      const kept = step.signal * original[i]! + step.noise * noise[i]!;
      step.latents[i] = m * step.latents[i]! + (1 - m) * kept;
    }
  };
  const start = { latents: original, noise, strength };
  const latents = await denoise(engine, plan, context, shape, start, options, { extra, afterStep });
  return finish(engine, plan, latents, options, { strength, retouch: (painted) => blend(image, painted, mask) });
}

/** The extra input of an inpainting UNet (9 channels) when everything is painted; undefined for other models. */
export async function blankConditioning(engine: Engine, shape: readonly number[]): Promise<Tensor | undefined> {
  if (!readsMask(engine)) return undefined;
  const side = (k: number) => shape[k]! * engine.model.downsampling;
  const [width, height] = [side(3), side(2)];
  const white: Pixels = { width, height, data: new Uint8Array(width * height * 3).fill(255) };
  const everything = new Float32Array(shape[2]! * shape[3]!).fill(1);
  return maskConditioning(engine, white, white, everything, shape);
}

/** Mask and masked picture's latents, [rows, 1 + c, h, w], in the order of diffusers' StableDiffusionInpaintPipeline. */
async function maskConditioning(
  engine: Engine,
  image: Pixels,
  mask: Pixels,
  latentMask: Float32Array,
  shape: readonly number[],
): Promise<Tensor | undefined> {
  if (!readsMask(engine)) return undefined;
  // Painted pixels become mid-grey, which is 0 in -1..1.
  const masked = { ...image, data: image.data.map((value, i) => (mask.data[i]! >= 128 ? 128 : value)) };
  const mean = { randn: (count: number) => new Float32Array(count) };
  const latents = await encode(engine, masked, 1, mean);
  const data = new Float32Array(latentMask.length + latents.data.length);
  data.set(latentMask);
  data.set(latents.data, latentMask.length);
  const row: Tensor = { data, shape: [1, 1 + latents.shape[1]!, shape[2]!, shape[3]!] };
  return repeatRows(row, shape[0]!);
}

function readsMask({ model }: Engine): boolean {
  return model.kind === 'weights' && model.unet.inChannels === 2 * model.latentChannels + 1;
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

/** The painted picture where the mask is white, the original where it is black, mixed where it is grey. */
function blend(original: Pixels, painted: Pixels, mask: Pixels): Pixels {
  const data = painted.data.map((value, i) => {
    const m = mask.data[i]! / 255;
    return Math.round(m * value + (1 - m) * original.data[i]!);
  });
  return { ...painted, data };
}
