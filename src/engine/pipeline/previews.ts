import { pixelsOf } from '../image/pixels.js';
import { preview } from '../image/preview.js';
import { elements } from '../shape.js';
import type { Engine } from './engine.js';
import { previewMatrix } from './preview-matrix.js';
import type { Preview } from './progress.js';

/**
 * A look at each row of latents [rows, c, h, w] in the sampler's scale: decoded by a tiny autoencoder where there is one,
 * else by a linear map, one pixel per latent.
 */
export async function previewsOf(
  engine: Engine,
  latents: Float32Array,
  [rows, ...shape]: readonly [number, number, number, number],
): Promise<Preview[]> {
  const { model, tinyDecoder } = engine;
  const size = elements(shape);
  const previews: Preview[] = [];
  for (let row = 0; row < rows; row++) {
    const own = latents.slice(row * size, (row + 1) * size);
    if (tinyDecoder) {
      const [picture] = pixelsOf(await tinyDecoder.decode({ data: own, shape: [1, ...shape] }));
      previews.push({ ...picture!, scale: 1 });
    } else {
      previews.push({ ...preview(own, shape[2], shape[1], await previewMatrix(engine)), scale: model.downsampling });
    }
  }
  return previews;
}
