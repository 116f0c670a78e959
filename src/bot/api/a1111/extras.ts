import { randomSeed } from '../../../engine/random/seed.js';
import type { OfferedModel } from '../../models/models.js';
import { newJobId } from '../../request/job-id.js';
import { storedName } from '../../request/samplers.js';
import { atMost, MOST_TO_ENLARGE } from '../../request/size.js';
import { ApiError } from '../api-error.js';
import type { Served } from '../needs.js';
import type { Uploads } from '../uploads.js';
import type { Extras } from './fields.js';
import { pictureIn } from './pictures.js';

/** One picture, enlarged by an upscaler; without one, by Lanczos. @throws ApiError, RequestError */
export async function enlarged(
  { desk, upscalers, inspectors }: Served,
  uploads: Uploads,
  { name: model, model: { card } }: OfferedModel,
  fields: Extras,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const image = pictureIn(fields.image);
  const own = await uploads.size(image);
  const wanted = Math.max(fields.upscaling_resize_w / own.width, fields.upscaling_resize_h / own.height);
  const factor = Math.min(4, Math.max(1, fields.resize_mode === 1 ? wanted : fields.upscaling_resize));
  const [width, height] = atMost([own.width, own.height], MOST_TO_ENLARGE).map((side) => Math.round(side * factor)) as [
    number,
    number,
  ];
  if (!fields.upscaler_1 || fields.upscaler_1 === 'None') {
    return inspectors.resized(image, { width, height }, 'stretch', newJobId());
  }
  const upscaler = upscalers.find(({ name }) => name === fields.upscaler_1)?.name;
  if (upscaler === undefined) throw new ApiError(404, 'Upscaler not found');
  const source = await uploads.keep(image);
  const words = { prompt: '', negative: '', count: 1, seed: randomSeed(), model };
  const { steps, scale } = card;
  const request = {
    kind: 'upscale',
    ...words,
    width,
    height,
    steps,
    scale,
    sampler: storedName(card),
    source,
    factor,
    upscaler,
  } as const;
  const { pictures } = await desk.paint(request, signal);
  const [picture] = pictures;
  if (!picture?.png) throw new ApiError(400, 'The safety checker found that the picture may not be safe for work.');
  return picture.png;
}
