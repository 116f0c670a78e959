import { type Pixels, tensorOf } from '../image/pixels.js';
import type { Tensor } from '../networks.js';
import { purposeOf } from '../purpose.js';
import type { Generator } from '../random/generator.js';
import type { Engine } from './engine.js';
import { encodeTensor, posteriorOf } from './latents.js';
import { repeatRows } from './repeat-rows.js';

/*
 * What a UNet reads after the latents, [rows, n, h, w]. Inpainting: the mask, and the latents of the picture without what
 * the mask covers (diffusers' StableDiffusionInpaintPipeline). Editing: the picture's latents (Brooks et al. 2023).
 */

/** Of an inpainting UNet when everything is painted: a white mask, and no picture. Undefined for other models. */
export async function blankMask(engine: Engine, shape: readonly number[]): Promise<Tensor | undefined> {
  if (purposeOf(engine.model) !== 'inpaint') return undefined;
  const [rows, , height, width] = shape as [number, number, number, number];
  const { downsampling } = engine.model;
  const sides = [height * downsampling, width * downsampling] as const;
  const grey = { data: new Float32Array(3 * sides[0] * sides[1]), shape: [1, 3, ...sides] };
  const mean: Generator = { randn: (count) => new Float32Array(count) };
  const nothing = await encodeTensor(engine, grey, 1, mean);
  const everything = new Float32Array(height * width).fill(1);
  return behindMask(everything, repeatRows(nothing, rows));
}

/**
 * Of an inpainting UNet. What the mask covers (128 to 255) is 0 in -1..1, and a latent is masked as the first pixel of its
 * square is: what torch's interpolate gives, and what such models were trained with.
 *
 * @param generator draws a sample of the posterior for each row.
 */
export async function maskedPicture(
  engine: Engine,
  image: Pixels,
  mask: Pixels,
  rows: number,
  generator: Generator,
): Promise<Tensor> {
  const { downsampling } = engine.model;
  const covered = (pixel: number) => mask.data[3 * pixel]! >= 128;
  const { data, shape } = tensorOf(image);
  const plane = image.width * image.height;
  const rest = data.map((value, i) => (covered(i % plane) ? 0 : value));
  const latents = await encodeTensor(engine, { data: rest, shape }, rows, generator);
  const [, , height, width] = latents.shape as [number, number, number, number];
  const small = Float32Array.from({ length: height * width }, (_, i) => {
    const [y, x] = [Math.floor(i / width), i % width];
    return covered((y * mask.width + x) * downsampling) ? 1 : 0;
  });
  return behindMask(small, latents);
}

/** Of a UNet that edits: the most likely latents of the picture, as the encoder gives them, not scaled for the sampler. */
export async function pictureToEdit(engine: Engine, image: Pixels, rows: number): Promise<Tensor> {
  const { mean } = await posteriorOf(engine, tensorOf(image));
  const { model } = engine;
  // TAESD's latents are scaled already.
  const tiny = model.kind === 'weights' && model.autoencoder.tiny;
  return repeatRows(tiny ? { ...mean, data: mean.data.map((value) => value / SD_V1_SCALING) } : mean, rows);
}

const SD_V1_SCALING = 0.18215;

/** [h, w] before each row of [rows, c, h, w]. */
function behindMask(mask: Float32Array, { data, shape }: Tensor): Tensor {
  const [rows, channels, height, width] = shape as [number, number, number, number];
  const size = data.length / rows;
  const both = new Float32Array(rows * (mask.length + size));
  for (let row = 0; row < rows; row++) {
    both.set(mask, row * (mask.length + size));
    both.set(data.subarray(row * size, (row + 1) * size), row * (mask.length + size) + mask.length);
  }
  return { data: both, shape: [rows, channels + 1, height, width] };
}
