import type { Sharp } from 'sharp';
import { exifComment, withJpegExif, withWebpExif } from './exif.js';
import { PNG_KEYWORD, parametersText } from './metadata/infotext.js';
import type { GenerationParameters, ReadParameters } from './metadata/parameters.js';
import { checkPixels, type Pixels } from './pixels.js';
import { withPngText } from './png-text.js';

// A file holds the pixels and, if given, the parameters; nothing of a source picture (place, camera, author) comes along,
// because pixels are all that is known of it.

/**
 * Without loss. Parameters go into the text chunk `parameters`.
 *
 * @param alpha a grey picture of the same size, white where it is opaque; opaque everywhere if absent.
 */
export async function encodePng(
  pixels: Pixels,
  parameters?: GenerationParameters | ReadParameters,
  alpha?: Pixels,
): Promise<Buffer> {
  const image = await raw(pixels);
  if (alpha) image.joinChannel(await (await raw(alpha)).extractChannel(0).png().toBuffer());
  const png = await image.png({ adaptiveFiltering: true }).toBuffer();
  return parameters ? withPngText(png, PNG_KEYWORD, parametersText(parameters)) : png;
}

/** @param quality 1..100. Parameters go into the EXIF user comment. */
export async function encodeJpeg(pixels: Pixels, parameters?: GenerationParameters, quality = 92): Promise<Buffer> {
  const image = await raw(pixels);
  const jpeg = await image
    .jpeg({ quality, mozjpeg: true, chromaSubsampling: quality >= 90 ? '4:4:4' : '4:2:0' })
    .toBuffer();
  return parameters ? withJpegExif(jpeg, exifComment(parametersText(parameters))) : jpeg;
}

/** @param quality 1..100. Parameters go into the EXIF user comment. */
export async function encodeWebp(pixels: Pixels, parameters?: GenerationParameters, quality = 92): Promise<Buffer> {
  const image = await raw(pixels);
  const webp = await image.webp({ quality, smartSubsample: true }).toBuffer();
  if (!parameters) return webp;
  return withWebpExif(webp, exifComment(parametersText(parameters)), pixels.width, pixels.height);
}

// Loaded when there is something to encode: it takes a tenth of a second, for which the first step need not wait.
async function raw(pixels: Pixels): Promise<Sharp> {
  checkPixels('pixels', pixels);
  const { width, height, data } = pixels;
  const { default: sharp } = await import('sharp');
  return sharp(data, { raw: { width, height, channels: 3 } });
}
