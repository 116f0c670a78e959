import { checkMaskSize, fitToModel, loadMask, loadPicture } from '../image/load.js';
import type { Pixels } from '../image/pixels.js';
import { resize } from '../image/resize.js';
import { isFile, type PictureSource } from '../image/source.js';
import type { Model } from '../model.js';
import type { InpaintArea, Opened, PipelineRequest } from './request.js';
import { sizeStep } from './request.js';

type WithPictures = PipelineRequest & {
  image?: PictureSource;
  images?: readonly PictureSource[];
  mask?: PictureSource;
  area?: InpaintArea;
};

/** Whether one of its pictures is still a file. */
export function hasFiles({ image, images = [], mask, controls = [] }: WithPictures): boolean {
  return [image, mask, ...images, ...controls.map((control) => control.image)].some((one) => one && isFile(one));
}

/** @param step if a file's sides must be multiples of it. */
export async function openPicture(source: PictureSource, step?: number, signal?: AbortSignal): Promise<Pixels> {
  if (!isFile(source)) return source;
  const opened = await loadPicture(source, { signal });
  return step === undefined ? opened : fitToModel(opened, step);
}

/**
 * Opens a request's pictures that are files. Where the picture must have a size that the model paints, a file's is cut to it, as
 * {@link fitToModel} does (and diffusers); pixels stay as they are.
 *
 * @param of the pipeline's name.
 * @throws what {@link loadPicture} does; RequestError for a mask of another size than the picture.
 */
export async function openPictures<R extends PipelineRequest>(
  model: Model,
  of: string,
  request: R,
  signal?: AbortSignal,
): Promise<Opened<R>> {
  if (!hasFiles(request)) return request as Opened<R>;
  const { image, images, mask, controls, area }: WithPictures = request;
  // Elsewhere the canvas, or the part that is painted, is made to fit.
  const fits = of === 'img2img' || of === 'blend' || (of === 'inpaint' && area !== 'masked');
  const step = fits ? sizeStep(model) : undefined;
  const whole = image && (await openPicture(image, undefined, signal));
  const fitted = whole && (step !== undefined && isFile(image) ? fitToModel(whole, step) : whole);
  return {
    ...request,
    ...(fitted && { image: fitted }),
    ...(fitted && mask && { mask: await openMask(mask, whole, fitted, signal) }),
    ...(images && { images: await Promise.all(images.map((one) => openPicture(one, step, signal))) }),
    ...(controls && {
      controls: await Promise.all(
        controls.map(async (control) => ({ ...control, image: await openPicture(control.image, undefined, signal) })),
      ),
    }),
  } as Opened<R>;
}

/** @param whole the picture as it was. @param fitted as it is painted. */
async function openMask(mask: PictureSource, whole: Pixels, fitted: Pixels, signal?: AbortSignal): Promise<Pixels> {
  const { width, height } = fitted;
  if (isFile(mask)) return loadMask(mask, width, height, { of: whole, signal });
  checkMaskSize(whole, mask);
  return resize(mask, width, height, 'lanczos');
}
