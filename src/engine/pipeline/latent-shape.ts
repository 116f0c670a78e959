import { checkLatents, malformed, shown } from '../check.js';
import type { Model } from '../model.js';
import type { Tensor } from '../networks.js';
import { allFinite } from '../numbers.js';
import { MAX_SIDE } from './request.js';

/** [rows, channels, height, width] of latents. @throws RequestError for what is not a picture's of this model. */
export function latentShapeOf(model: Model, latents: Tensor): readonly [number, number, number, number] {
  const { data, shape } = Object(latents) as Partial<Tensor>;
  const { latentChannels, latentMultiple: step, downsampling } = model;
  const [rows, channels, height, width] = (Array.isArray(shape) ? shape : []) as [number, number, number, number];
  const isSide = (side: number) => side > 0 && side % step === 0 && side * downsampling <= MAX_SIDE;
  const fits = Number.isInteger(rows) && rows > 0 && channels === latentChannels && isSide(height) && isSide(width);
  if (shape?.length !== 4 || !fits) {
    const wanted = `[pictures, ${latentChannels}, height, width], sides being multiples of ${step}`;
    throw malformed(
      'latents',
      `must have the shape ${wanted}; got ${shape ? `[${shape.join(', ')}]` : shown(latents)}.`,
    );
  }
  if (!(data instanceof Float32Array))
    throw malformed('latents', `must have a Float32Array as data, got ${shown(data)}.`);
  checkLatents('latents', data, shape);
  if (!allFinite(data)) throw malformed('latents', 'hold NaN or infinity.');
  return [rows, channels, height, width];
}
