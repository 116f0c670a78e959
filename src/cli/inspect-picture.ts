import { readFile } from 'node:fs/promises';
import { EaselError } from '../engine/errors.js';
import { readMetadata } from '../engine/image/metadata.js';
import { loadPicture } from '../engine/image/load.js';
import { readWatermark } from '../engine/image/watermark.js';
import type { Report } from './report.js';

/** What a picture says of its making: the `parameters` text that AUTOMATIC1111 writes, and the invisible watermark. */
export async function inspectPicture(path: string, report: Report): Promise<void> {
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    throw new EaselError(`Cannot read ${path} (${cause.code}). Check the path.`, { cause });
  });
  const pixels = await loadPicture(path);
  const parameters = await readMetadata(bytes);
  report.event({ event: 'picture', path, width: pixels.width, height: pixels.height, parameters });
  report.say(`${pixels.width}x${pixels.height} pixels`);
  if (!parameters) report.say('It does not say how it was made.');
}
