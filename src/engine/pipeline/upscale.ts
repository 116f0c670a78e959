import { withDetails } from '../image/metadata/enlarged.js';
import type { Pixels } from '../image/pixels.js';
import { resizeTile } from '../image/resize-tile.js';
import { stepsTaken } from '../samplers/steps-taken.js';
import type { Upscaler } from '../upscaler/upscaler.js';
import { type Engine, latentShape } from './engine.js';
import { img2img } from './img2img.js';
import type { Picture } from './picture.js';
import type { PaintOptions, Progress } from './progress.js';
import { type Opened, sizeStep, type UpscaleRequest } from './request.js';
import { samplingOf } from './sampling.js';
import { secondsOf } from './seconds-left.js';

/**
 * Enlarges a picture and paints its details: an upscaler, or Lanczos, first, then img2img at a low strength (the model
 * card's unless given, 0.3 for Stable Diffusion). The reference's README names this use of img2img; AUTOMATIC1111 calls it
 * "hires. fix".
 */
export async function upscale(
  engine: Engine,
  request: Opened<UpscaleRequest>,
  options: PaintOptions = {},
): Promise<Picture[]> {
  const { upscaler, ...common } = request;
  const factor = request.factor ?? 2;
  const step = sizeStep(engine.model);
  const enlarged = (side: number) => Math.max(step, Math.round((side * factor) / step) * step);
  const strength = request.strength ?? engine.model.card.upscaleStrength;
  const [width, height] = [enlarged(request.image.width), enlarged(request.image.height)];
  if (!upscaler) {
    const image = resizeTile(request.image, width, height, request.tile);
    return img2img(engine, { ...common, strength, image, secondPass: true }, options);
  }
  const { alphasCumprod } = engine.model.schedule;
  // As many as denoising counts, which is one where there is none.
  const steps = Math.max(1, stepsTaken(samplingOf(engine.model, request), alphasCumprod, strength));
  const shape = latentShape(engine.model, Number(request.count ?? 1), width, height);
  const painting = secondsOf(engine, { output: 'pixels' }, shape, steps);
  const { image, tiles } = await enlargedBy(
    upscaler,
    { ...request, factor },
    { steps, seconds: painting ?? 0 },
    options,
  );
  const painted = await img2img(
    engine,
    { ...common, strength, image: resizeTile(image, width, height, request.tile), secondPass: true },
    {
      ...options,
      onProgress: (progress) =>
        options.onProgress?.({ ...progress, step: tiles + progress.step, total: tiles + progress.total }),
    },
  );
  return painted.map((picture) => ({
    ...picture,
    parameters: withDetails(picture.parameters, factor, upscaler.name),
  }));
}

/** Tiles count as steps, which go before those of painting. @param painting how much it will be, about. */
async function enlargedBy(
  upscaler: Upscaler,
  { image: picture, factor, tile }: Opened<UpscaleRequest> & { factor: number },
  painting: { readonly steps: number; readonly seconds: number },
  { signal, onProgress }: PaintOptions,
): Promise<{ image: Pixels; tiles: number }> {
  let tiles = 0;
  const image = await upscaler.enlarge(picture, {
    factor,
    ...(tile && { tile }),
    ...(signal && { signal }),
    onProgress: (progress) => {
      tiles = progress.total;
      onProgress?.({
        ...progress,
        total: tiles + painting.steps,
        secondsLeft: progress.secondsLeft + painting.seconds,
        previews: previewsOf(picture, factor),
      });
    },
  });
  return { image, tiles };
}

/** The picture as it was: nothing of the larger one is finished before the last tile. */
export function previewsOf(picture: Pixels, factor: number): Progress['previews'] {
  return async () => [{ ...picture, scale: factor }];
}
