import sharp from 'sharp';
import { readMetadata } from '../../engine/image/metadata.js';
import { openPicture } from '../../engine/image/open.js';
import { serve } from './child-calls.js';
import { cutOut } from './cut-out.js';
import { expressionPicture } from './expression-picture.js';
import { MAX_UPLOAD_PIXELS } from './max-upload.js';
import type { InspectorOptions, PictureSize } from './messages.js';
import { sourceOf } from './source.js';

/**
 * The inspector process: what strangers upload is opened here, away from the gateway, and not in the painter, which
 * answers between two steps only. It has one picture at a time and may be killed while it has it.
 */
const { memory } = JSON.parse(process.argv[2]!) as InspectorOptions;

// Of the next picture nothing is known yet, and its neighbours want a core as well.
sharp.cache(false);
sharp.concurrency(1);
// Behind the list of formats by first bytes, for whatever takes a file for something else than it begins as.
sharp.block({ operation: ['VipsForeignLoad'] });
sharp.unblock({
  operation: ['Png', 'Jpeg', 'Webp', 'Heif', 'Nsgif', 'Tiff'].map((name) => `VipsForeignLoad${name}`),
});

// What Linux holds by itself. Pictures are decoded on other threads, so that this one has time to look.
setInterval(() => {
  if (process.memoryUsage.rss() > memory) process.kill(process.pid, 'SIGKILL');
}, 20).unref();

serve({
  /** Says that it is there. */
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
  cutOut: ({ bytes, request, index, count }) => cutOut(request, bytes, index, count),
});

/** From the header, as it is shown: turned upright. @throws RequestError for what is no picture, or a bomb. */
async function sizeOf(bytes: Uint8Array): Promise<PictureSize> {
  const { width, height } = await openPicture(bytes, { name: 'The picture', maxPixels: MAX_UPLOAD_PIXELS });
  return { width, height };
}
