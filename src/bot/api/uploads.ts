import { pictureFormat } from '../../engine/image/format.js';
import type { Inspectors } from '../painter/inspectors.js';
import type { MaskReading, PictureSize, Resizing } from '../painter/messages.js';
import { FILE_LIMIT } from '../request/bounds.js';
import { newJobId } from '../request/job-id.js';
import type { Pictures } from '../storage/pictures.js';
import { ApiError } from './api-error.js';

export interface UploadNeeds {
  readonly pictures: Pictures;
  readonly inspectors: Inspectors;
}

/**
 * The pictures that come with one request, kept on disk where its job finds them. They are opened in processes of their
 * own, and are gone when the request is.
 */
export class Uploads implements AsyncDisposable {
  readonly #kept: string[] = [];
  /** One request's pictures are opened one after another. */
  readonly #owner = newJobId();

  constructor(private readonly needs: UploadNeeds) {}

  /** Width and height, upright. @throws RequestError, ApiError */
  size(bytes: Uint8Array): Promise<PictureSize> {
    return this.needs.inspectors.size(checked(bytes), this.#owner);
  }

  /** @returns its key in the picture cache. */
  async keep(bytes: Uint8Array): Promise<string> {
    const key = await this.needs.pictures.put(checked(bytes));
    this.#kept.push(key);
    return key;
  }

  /** In another size. @returns its key. @throws RequestError, ApiError */
  async resized(bytes: Uint8Array, size: PictureSize, how: Resizing): Promise<string> {
    return this.keep(await this.needs.inspectors.resized(checked(bytes), size, how, this.#owner));
  }

  /** A mask in its picture's size. @returns its key; null if nothing is to be repainted. @throws RequestError, ApiError */
  async mask(bytes: Uint8Array, size: PictureSize, reading: MaskReading): Promise<string | null> {
    const mask = await this.needs.inspectors.mask(checked(bytes), size, reading, this.#owner);
    return mask && this.keep(mask);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const key of this.#kept.splice(0)) await this.needs.pictures.remove(key);
  }
}

function checked(bytes: Uint8Array): Uint8Array {
  if (bytes.length > FILE_LIMIT) throw new ApiError(413, `A picture has more than ${FILE_LIMIT / 2 ** 20} MiB.`);
  if (!pictureFormat(bytes)) throw new ApiError(400, 'That is not a picture: send PNG, JPEG, WebP, AVIF, GIF or TIFF.');
  return bytes;
}
