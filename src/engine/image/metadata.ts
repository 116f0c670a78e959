import { malformed, shown } from '../check.js';
import { readComfy } from './metadata/comfy.js';
import { readDrawThings } from './metadata/draw-things.js';
import { readEasyDiffusion } from './metadata/easy-diffusion.js';
import { readFooocus } from './metadata/fooocus.js';
import { readInfotext } from './metadata/infotext.js';
import { readInvoke } from './metadata/invoke.js';
import { readNovelAi } from './metadata/novelai.js';
import type { ReadParameters } from './metadata/parameters.js';
import { hiddenTexts } from './metadata/stealth.js';
import { readSwarm } from './metadata/swarm.js';
import { type Texts, textsOf } from './metadata/texts.js';
import { readUnknown } from './metadata/unknown.js';

/** Each reads the format of one program, and returns null for others. Some programs write AUTOMATIC1111's as well as their own. */
const READERS: readonly ((texts: Texts) => ReadParameters | null)[] = [
  readInfotext,
  readSwarm,
  readFooocus,
  readInvoke,
  readNovelAi,
  readEasyDiffusion,
  readDrawThings,
  readComfy,
  readUnknown,
];

/**
 * What a picture file says of its making: by Easel and the web UIs, SwarmUI, Fooocus, InvokeAI, NovelAI, Easy Diffusion,
 * Draw Things, and ComfyUI where the graph is plain; in PNG texts, in the EXIF of any format that has one, and, where they
 * say nothing that can be read, hidden in the pixels. The picture is decoded only for that.
 * @returns null if it says nothing. Damaged metadata counts as none. @throws RequestError for what are no bytes.
 */
export async function readMetadata(bytes: Uint8Array): Promise<ReadParameters | null> {
  if (!(bytes instanceof Uint8Array)) throw malformed('bytes', `must be a file's bytes, got ${shown(bytes)}.`);
  const told = readTexts(await textsOf(bytes));
  return told && !told.unread ? told : (readTexts(await hiddenTexts(bytes)) ?? told);
}

function readTexts(texts: Texts): ReadParameters | null {
  for (const read of READERS) {
    const found = read(texts);
    if (found) return found;
  }
  return null;
}
