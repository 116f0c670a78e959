import { checkPixels, type Pixels, pixelsOf, tensorOf } from '../image/pixels.js';
import type { Posterior, Tensor } from '../networks.js';
import type { Generator } from '../random/generator.js';
import type { Engine } from './engine.js';
import { requireFinite, requirePicture } from './finite.js';
import { latentShapeOf } from './latent-shape.js';
import { requireRoom } from './require-room.js';

/**
 * Latents [b, c, h, w] to pictures [1, 3, H, W] about -1..1. One at a time: the decoder's activations are the largest of all, and a
 * batch would multiply them for nothing.
 */
export async function* decoded(engine: Engine, latents: Tensor, signal?: AbortSignal): AsyncGenerator<Tensor> {
  for (const { data, shape } of eachRow(latents)) {
    signal?.throwIfAborted();
    for (let i = 0; i < data.length; i++) data[i] = data[i]! / engine.model.scalingFactor;
    const picture = await engine.networks.decodeLatents({ data, shape });
    await requireFinite(engine.model, 'autoencoder', picture.data);
    requirePicture(engine.model, picture.data);
    yield picture;
  }
}

/** The same to pictures that can be shown. @throws RequestError for latents that are not a picture's of this model. */
export async function decode(engine: Engine, latents: Tensor, signal?: AbortSignal): Promise<Pixels[]> {
  const [, , height, width] = latentShapeOf(engine.model, latents);
  requireRoom(engine, width * engine.model.downsampling, height * engine.model.downsampling, false);
  const pictures: Pixels[] = [];
  for await (const picture of decoded(engine, latents, signal)) pictures.push(...pixelsOf(picture));
  return pictures;
}

/** Each row of [rows, ...] as [1, ...], a copy. */
export function eachRow({ data, shape: [rows, ...shape] }: Tensor): Tensor[] {
  const size = data.length / rows!;
  return Array.from({ length: rows! }, (_, row) => ({
    data: data.slice(row * size, (row + 1) * size),
    shape: [1, ...shape],
  }));
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
