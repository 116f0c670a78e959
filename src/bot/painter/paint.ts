import { encodePng } from '../../engine/image/encode.js';
import type { Pixels } from '../../engine/image/pixels.js';
import type { Picture } from '../../engine/pipeline/finish.js';
import type { PaintOptions } from '../../engine/pipeline/progress.js';
import { samplerNamed } from '../../engine/samplers/names.js';
import type { StableDiffusion } from '../../engine/stable-diffusion.js';
import type { PaintedPicture, PaintRequest } from '../request/job.js';
import { isVaried, picturesOf } from '../request/varied.js';
import type { Source } from './messages.js';

/** Sides are doubled. */
const FACTOR = 2;

/** Pixels of the picture to start from, at most. */
export function sourceArea({ kind, width, height }: PaintRequest): number {
  return (width * height) / (kind === 'upscale' ? FACTOR ** 2 : 1);
}

/** One job, from plain data to pictures. @param source of requests that start from a picture. */
export async function paint(
  engine: StableDiffusion,
  request: PaintRequest,
  source: Source | undefined,
  options: PaintOptions,
): Promise<Picture[]> {
  if (!isVaried(request)) return paintAlike(engine, request, source, options);
  const each = picturesOf(request);
  const total = each.reduce((sum, { steps }) => sum + steps, 0);
  const began = Date.now();
  const pictures: Picture[] = [];
  const looks: Pixels[] = [];
  let before = 0;
  for (const one of each) {
    const [picture] = await paintAlike(engine, one, source, {
      ...options,
      onProgress: (progress) => {
        const step = Math.round(before + (one.steps * progress.step) / progress.total);
        const secondsLeft = ((Date.now() - began) / 1000 / step) * (total - step);
        const previews = () => [...looks, ...progress.previews()];
        options.onProgress?.({ ...progress, step, total, secondsLeft, previews });
        if (progress.step === progress.total) looks.push(...progress.previews());
      },
    });
    pictures.push(picture!);
    before += one.steps;
  }
  return pictures;
}

/** Pictures that differ in the seed alone. */
async function paintAlike(
  engine: StableDiffusion,
  request: PaintRequest,
  source: Source | undefined,
  options: PaintOptions,
): Promise<Picture[]> {
  const { kind, prompt, negative, width, height, count, steps, scale, seed, strength } = request;
  // One that a later version no longer has is the model's own.
  const named = samplerNamed(request.sampler);
  const { keepFlagged } = request;
  const common = { prompt, negative, count, steps, scale, ...named, seed, keepFlagged };
  if (kind === 'txt2img') return engine.txt2img({ ...common, width, height }, options);

  const { image, mask } = source!;
  if (kind === 'upscale') return engine.upscale({ ...common, strength, image, factor: FACTOR }, options);
  if (kind === 'img2img') return engine.img2img({ ...common, strength, image }, options);
  return engine.inpaint({ ...common, strength, image, mask: mask! }, options);
}

/** As they leave the painter: a flagged picture's pixels stay there, unless the request keeps them. */
export function paintedPictures(
  pictures: readonly Picture[],
  { keepFlagged }: Pick<PaintRequest, 'keepFlagged'>,
): Promise<PaintedPicture[]> {
  return Promise.all(
    pictures.map(async ({ pixels, seed, flagged, parameters }) => ({
      png: flagged && !keepFlagged ? new Uint8Array() : await encodePng(pixels, parameters),
      width: pixels.width,
      height: pixels.height,
      seed: seed!,
      flagged,
    })),
  );
}
