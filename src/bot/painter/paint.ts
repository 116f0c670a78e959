import { encodePng } from '../../engine/image/encode.js';
import type { Pixels } from '../../engine/image/pixels.js';
import type { Control } from '../../engine/pipeline/control.js';
import type { Picture } from '../../engine/pipeline/picture.js';
import type { PaintOptions, Preview } from '../../engine/pipeline/progress.js';
import { samplerNamed } from '../../engine/samplers/names.js';
import type { StableDiffusion } from '../../engine/stable-diffusion.js';
import type { Upscaler } from '../../engine/upscaler/upscaler.js';
import type { PaintedPicture } from '../request/job.js';
import { factorOf, onlyEnlarges, type PaintRequest, type SingleRequest } from '../request/paint-request.js';
import { isVaried, picturesOf } from '../request/varied.js';
import { type Enlarged, enlargedOnly } from './enlarge.js';
import type { JobPictures, SourcePictures } from './messages.js';

/** The pictures that a request names, as the engine takes them. */
export interface GivenPictures extends Partial<SourcePictures>, Pick<JobPictures, 'others'> {
  readonly control?: Control | undefined;
  readonly upscaler?: Upscaler | undefined;
}

/** Paints one job. @param given for requests that start from a picture, or are steered by one. */
export async function paint(
  engine: StableDiffusion,
  request: PaintRequest,
  given: GivenPictures,
  options: PaintOptions,
): Promise<(Picture | Enlarged)[]> {
  if (given.upscaler && onlyEnlarges(request)) {
    return [await enlargedOnly(engine, given.upscaler, request, { ...given, image: there(given.image) }, options)];
  }
  if (request.kind !== 'table' && !isVaried(request)) return paintAlike(engine, request, given, options);
  const each = picturesOf(request);
  const total = each.reduce((sum, { steps }) => sum + steps, 0);
  const began = performance.now();
  const pictures: Picture[] = [];
  // Of finished pictures, made when they are first asked for.
  const looks: (() => Promise<Preview[]>)[] = [];
  let before = 0;
  for (const one of each) {
    const [picture] = await paintAlike(engine, one, given, {
      ...options,
      onProgress: (progress) => {
        const { phase } = progress;
        // Nothing is painted yet, or the picture's last step was told of.
        if (phase !== 'denoise' && phase !== 'enlarge') return;
        const step = Math.round(before + (one.steps * progress.step) / progress.total);
        const secondsLeft = ((performance.now() - began) / 1000 / step) * (total - step);
        const own = () => progress.previews();
        const previews = async () => (await Promise.all([...looks, own].map((look) => look()))).flat();
        options.onProgress?.({ ...progress, step, total, secondsLeft, previews });
        if (progress.step === progress.total) looks.push(once(own));
      },
    });
    pictures.push(picture!);
    before += one.steps;
  }
  return pictures;
}

/** Paints pictures that only differ in their seed; what was typed goes into their metadata. */
async function paintAlike(
  engine: StableDiffusion,
  request: SingleRequest,
  given: GivenPictures,
  options: PaintOptions,
): Promise<Picture[]> {
  const pictures = await paintBy(engine, request, given, options);
  const { template } = request;
  if (template === undefined) return pictures;
  return pictures.map((picture) => ({ ...picture, parameters: { ...picture.parameters, template } }));
}

async function paintBy(
  engine: StableDiffusion,
  request: SingleRequest,
  given: GivenPictures,
  options: PaintOptions,
): Promise<Picture[]> {
  const { prompt, negative, count, steps, scale, speed, seed, variation, clipSkip, tile, keepFlagged } = request;
  // A sampler that a later version no longer has becomes the model's own.
  const named = samplerNamed(request.sampler);
  const common = {
    prompt,
    negative,
    count,
    steps,
    scale,
    speed,
    ...named,
    seed,
    variation,
    clipSkip,
    tile,
    keepFlagged,
  };
  const controls = given.control ? [given.control] : [];
  switch (request.kind) {
    case 'txt2img':
      return engine.txt2img({ ...common, controls, width: request.width, height: request.height }, options);
    case 'img2img':
      return engine.img2img({ ...common, controls, strength: request.strength, image: there(given.image) }, options);
    case 'blend': {
      const images = [there(given.image), ...(given.others ?? [])];
      const { strength, weights } = request;
      return engine.blend({ ...common, controls, strength, images, weights }, options);
    }
    case 'inpaint': {
      const [image, mask] = [there(given.image), there(given.mask)];
      const { strength, masked, fill } = request;
      const area = masked && ({ ...masked, area: 'masked' } as const);
      return engine.inpaint({ ...common, ...area, controls, strength, fill, image, mask }, options);
    }
    case 'outpaint': {
      const { strength, at, width, height } = request;
      const beside = { left: at.left, right: width - at.left - at.width };
      const above = { top: at.top, bottom: height - at.top - at.height };
      return engine.outpaint({ ...common, ...beside, ...above, strength, image: there(given.image) }, options);
    }
    case 'upscale': {
      const image = there(given.image);
      const { strength } = request;
      const { upscaler } = given;
      return engine.upscale(
        { ...common, strength, image, factor: factorOf(request), ...(upscaler && { upscaler }) },
        options,
      );
    }
  }
}

/** The request says that there is a picture, but only the message can carry it. */
function there(picture: Pixels | undefined): Pixels {
  if (!picture) throw new Error('A request that starts from a picture came without it.');
  return picture;
}

/** The pictures as they leave the painter: without the pixels of flagged ones, unless the request keeps them. */
export function paintedPictures(
  pictures: readonly (Picture | Enlarged)[],
  { keepFlagged }: Pick<PaintRequest, 'keepFlagged'>,
): Promise<PaintedPicture[]> {
  return Promise.all(
    pictures.map(async ({ pixels, seed, flagged, parameters }) => ({
      png: flagged && !keepFlagged ? null : await encodePng(pixels, parameters),
      width: pixels.width,
      height: pixels.height,
      seed: seed!,
      flagged,
    })),
  );
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
