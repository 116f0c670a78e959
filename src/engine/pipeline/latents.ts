import { checkPixels, type Pixels, pixelsOf, tensorOf } from '../image/pixels.js';
import type { Posterior, Tensor } from '../networks.js';
import type { Generator } from '../random/generator.js';
import { elements } from '../shape.js';
import type { Engine } from './engine.js';
import { requireFinite, requirePicture } from './finite.js';

/**
 * Latents [b, c, h, w] to pictures. One at a time: the decoder's activations are the largest of all, and a batch would
 * multiply them for nothing.
 */
export async function decode(engine: Engine, latents: Tensor, signal?: AbortSignal): Promise<Pixels[]> {
  const [rows, ...shape] = latents.shape as [number, number, number, number];
  const size = elements(shape);
  const pictures: Pixels[] = [];
  for (let row = 0; row < rows; row++) {
    signal?.throwIfAborted();
    const scaled = latents.data.slice(row * size, (row + 1) * size);
    for (let i = 0; i < size; i++) scaled[i] = scaled[i]! / engine.model.scalingFactor;
    const decoded = await engine.networks.decodeLatents({ data: scaled, shape: [1, ...shape] });
    await requireFinite(engine.model, 'autoencoder', decoded.data);
    requirePicture(engine.model, decoded.data);
    const [picture] = pixelsOf(decoded);
    pictures.push(picture!);
  }
  return pictures;
}

/**
 * A picture to latents [rows, c, h, w]: every row its own sample of the posterior, mean + exp(logvar / 2) * noise, times
 * the scaling factor, as the reference's get_first_stage_encoding.
 *
 * @throws RequestError unless the picture has 3 bytes per pixel.
 */
export async function encode(engine: Engine, picture: Pixels, rows: number, generator: Generator): Promise<Tensor> {
  checkPixels('picture', picture);
  return encodeTensor(engine, tensorOf(picture), rows, generator);
}

/** The same of a picture [1, 3, H, W] in -1..1. */
export async function encodeTensor(
  engine: Engine,
  picture: Tensor,
  rows: number,
  generator: Generator,
): Promise<Tensor> {
  const { mean, logvar } = await posteriorOf(engine, picture);
  const size = mean.data.length;
  const noise = generator.randn(rows * size);
  const data = new Float32Array(rows * size);
  for (let i = 0; i < data.length; i++) {
    const k = i % size;
    const sample = logvar ? mean.data[k]! + Math.fround(Math.exp(logvar.data[k]! / 2)) * noise[i]! : mean.data[k]!;
    data[i] = engine.model.scalingFactor * sample;
  }
  return { data, shape: [rows, ...mean.shape.slice(1)] };
}

/** Of one picture in -1..1, not scaled. */
export async function posteriorOf(engine: Engine, picture: Tensor): Promise<Posterior> {
  const posterior = await engine.networks.encodeImage(picture);
  await requireFinite(engine.model, 'autoencoder', posterior.mean.data);
  if (posterior.logvar) await requireFinite(engine.model, 'autoencoder', posterior.logvar.data);
  return posterior;
}
