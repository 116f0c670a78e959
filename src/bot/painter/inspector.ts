import sharp from 'sharp';
import { controlPicture } from '../../engine/image/control/preprocess.js';
import { loadPicture } from '../../engine/image/load.js';
import { readMetadata } from '../../engine/image/metadata.js';
import { openPicture } from '../../engine/image/open.js';
import { serve } from './child-calls.js';
import { cutOut } from './cut-out.js';
import { expressionPicture } from './expression-picture.js';
import { MAX_UPLOAD_PIXELS } from './max-upload.js';
import type { InspectorOptions, PictureSize } from './messages.js';
import { repeated } from './repeated.js';
import { maskFrom, resizedUpload } from './resized-upload.js';
import { sourceOf } from './source.js';

/**
 * The inspector process, which opens strangers' uploads: not in the gateway's process, and not in the painter, which
 * only answers between two steps. It opens one picture at a time and may be killed while it does.
 */
const { memory } = JSON.parse(process.argv[2]!) as InspectorOptions;

// The next picture is unknown, and other processes need the cores too.
sharp.cache(false);
sharp.concurrency(1);
// In addition to checking the first bytes, in case libvips takes a file for another format.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: ['Png', 'Jpeg', 'Webp', 'Heif', 'Nsgif', 'Tiff'].map((name) => `VipsForeignLoad${name}`),
});

// Linux enforces the limit itself. Pictures are decoded on other threads, so this one has time to watch.
setInterval(() => {
  if (process.memoryUsage.rss() > memory) process.kill(process.pid, 'SIGKILL');
}, 20).unref();

serve({
  /** Says that it is ready. */
  open: async () => null,
  async inspect({ bytes }) {
    await sizeOf(bytes);
    return readMetadata(bytes);
  },
  size: ({ bytes }) => sizeOf(bytes),
  async expression({ bytes, side }) {
    return expressionPicture(bytes, side);
  },
  source: ({ bytes, mask, fit }) => sourceOf(bytes, mask, fit),
  async control({ bytes, width, height, preprocessor }) {
    const limits = { maxPixels: MAX_UPLOAD_PIXELS, name: 'The picture', alpha: 'white' } as const;
    return controlPicture(await loadPicture(bytes, limits), width, height, preprocessor);
  },
  resized: ({ bytes, how, ...size }) => resizedUpload(bytes, size, how),
  mask: ({ bytes, reading, ...size }) => maskFrom(bytes, size, reading),
  repeat: ({ bytes, copies, limit }) => repeated(bytes, copies, limit),
  cutOut: ({ bytes, request, index, count }) => cutOut(request, bytes, index, count),
});

/**
 * From the header, with its orientation applied. @throws RequestError if it is not a picture, or a decompression bomb.
 */
async function sizeOf(bytes: Uint8Array): Promise<PictureSize> {
  const { width, height } = await openPicture(bytes, { name: 'The picture', maxPixels: MAX_UPLOAD_PIXELS });
  return { width, height };
}
