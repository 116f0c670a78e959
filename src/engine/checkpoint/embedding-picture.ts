import { z } from 'zod';
import { CheckpointError } from '../errors.js';
import { isPng, readPng } from '../image/png-text.js';
import { ByteSource } from './source.js';
import type { StoredTensor } from './tensor.js';

/** AUTOMATIC1111's pictures of 512 pixels have about one megabyte. */
const MAX_BYTES = 32 * 2 ** 20;
/** 75 vectors of 1024 numbers take two. */
const MAX_TEXT = 4 * 2 ** 20;
const KEYWORD = 'sd-ti-embedding';

const json = z.looseObject({
  string_to_param: z.record(z.string(), z.looseObject({ TORCHTENSOR: z.array(z.array(z.number())) })),
  name: z.string().optional(),
});

export interface EmbeddingPicture {
  tensors: Map<string, StoredTensor>;
  name?: string;
}

/** Whether a picture also contains an embedding. */
export function holdsEmbedding(picture: Uint8Array): boolean {
  const bytes = Buffer.from(picture.buffer, picture.byteOffset, picture.byteLength);
  return isPng(bytes) && readPng(bytes).texts.has(KEYWORD);
}

/** PNG, JPEG, GIF, RIFF (WebP) and the ISO boxes of AVIF. */
const PICTURE = /^(\x89PNG\r\n|\xff\xd8\xff|GIF8|RIFF....WEBP|....ftypavi)/s;

/**
 * The embedding that AUTOMATIC1111 writes into its preview as text: base64 of JSON, tensors as lists of lists
 * (modules/textual_inversion/image_embedding.py). It also hides one in the pixels, which is not read.
 *
 * @returns null if it is not a picture.
 * @throws CheckpointError for a picture without such a text.
 */
export async function readEmbeddingPicture(path: string): Promise<EmbeddingPicture | null> {
  return ByteSource.use(path, async (source) => {
    const head = await source.read(0, Math.min(16, source.size));
    if (!PICTURE.test(head.toString('latin1'))) return null;
    const png = isPng(head) && source.size <= MAX_BYTES ? await source.read(0, source.size) : null;
    const text = png && readPng(png, MAX_TEXT).texts.get(KEYWORD);
    if (!text) {
      throw new CheckpointError(
        `${path}: this is a picture, and there is no embedding in it that can be read. Give the .pt or .safetensors file of the embedding, or the PNG as AUTOMATIC1111 saved it.`,
      );
    }
    const { string_to_param: params, name } = parsed(path, text);
    const tensors = new Map<string, StoredTensor>();
    for (const [placeholder, { TORCHTENSOR: rows }] of Object.entries(params)) {
      const width = rows[0]?.length ?? 0;
      if (rows.some((row) => row.length !== width)) throw damaged(path);
      const bytes = new Uint8Array(Float32Array.from(rows.flat()).buffer);
      const shape = [rows.length, width];
      tensors.set(`string_to_param.${placeholder}`, { dtype: 'F32', shape, file: source.file, offset: 0, bytes });
    }
    return { tensors, ...(name && { name }) };
  });
}

function parsed(path: string, text: string): z.infer<typeof json> {
  try {
    return json.parse(JSON.parse(Buffer.from(text, 'base64').toString('utf8')));
  } catch (cause) {
    throw damaged(path, cause);
  }
}

function damaged(path: string, cause?: unknown): CheckpointError {
  return new CheckpointError(`${path}: the embedding in this picture is damaged. Download it again.`, { cause });
}
