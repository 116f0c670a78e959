import { readEmbedding } from '../engine/checkpoint/embedding-file.js';
import { holdsEmbedding } from '../engine/checkpoint/embedding-picture.js';
import { loadPicture } from '../engine/image/load.js';
import { controlLabel, controlText } from '../engine/image/metadata/controls.js';
import { readMetadata } from '../engine/image/metadata.js';
import { readPictureFile } from '../engine/image/source.js';
import { readWatermark, watermarkLikeness } from '../engine/image/watermark.js';
import { remedyFor } from './remedies.js';
import type { Report } from './report.js';

/** Matching bits above which one picture in a million matches by chance. */
const LIKELY = 0.75;

/** What a picture says about how it was made: its parameters and txt2img's invisible watermark. */
export async function inspectPicture(path: string, report: Report): Promise<void> {
  const bytes = await readPictureFile(path);
  const pixels = await loadPicture(bytes, { name: path });
  const parameters = await readMetadata(bytes);
  const read = readWatermark(pixels);
  const watermarked = read !== null && watermarkLikeness(read) >= LIKELY;
  const { width, height } = pixels;
  const embedding = holdsEmbedding(bytes) && (await readEmbedding(path));
  report.event({ event: 'picture', path, width, height, watermarked, parameters, embedding: Boolean(embedding) });
  report.say(`${path}: ${width}x${height} pixels`);
  report.say(`watermark: ${watermarked ? 'StableDiffusionV1' : 'none found'}`);
  if (embedding) {
    const word = embedding.word === undefined ? '' : ` "${embedding.word}"`;
    report.say(`It contains a textual-inversion embedding${word}. ${remedyFor('isEmbedding')}`);
  }
  if (!parameters) {
    report.say('It does not say how it was made.');
    return;
  }
  const { other, unread, controls = [], ...known } = parameters;
  if (unread) {
    report.say(
      `It was made with ${known.version ?? 'another program'}, and what that program stored in it cannot be read.`,
    );
    return;
  }
  for (const [name, value] of Object.entries({ ...known, ...other })) report.say(`${name}: ${value}`);
  for (const [index, control] of controls.entries()) report.say(`${controlLabel(index)}: ${controlText(control)}`);
}
