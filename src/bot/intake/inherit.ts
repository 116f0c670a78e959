import { setImmediate as breathe } from 'node:timers/promises';
import type { ReadParameters } from '../../engine/image/metadata/parameters.js';
import { findLora } from '../../engine/lora/find.js';
import { LORA_TAG, parsePrompt, withoutTags } from '../../engine/text/prompt.js';
import { promptLength } from '../../engine/text/prompt-length.js';
import type { OfferedModel } from '../models/models.js';
import { MAX_WORDS } from '../request/bounds.js';
import type { Settings } from '../rules/settings.js';
import { lengthOf } from '../text/cut.js';
import type { Notice } from '../text/notice.js';
import { BlockedWords } from '../words/blocked-words.js';
import { tokenLimit } from '../words/check-words.js';

/** What a request takes over from the picture it starts from. */
export interface Inherited {
  readonly prompt: string;
  readonly negative: string;
  /** What was left out of it: nobody typed it, so it is no reason to refuse. */
  readonly notices: readonly Notice[];
}

type Change = keyof typeof NOTICES;

const NOTICES = {
  pictureCut: 'The prompt stored in the picture is longer than {{limit}} tokens and was shortened.',
  pictureLoras: 'The prompt stored in the picture uses LoRAs that are not available here. They were left out.',
  pictureWords: 'The prompt stored in the picture has words that are not allowed here. It was left out.',
};

/**
 * The prompts stored in a picture, as far as this server and model accept them.
 *
 * @param loraFolders folders with LoRA files; see {@link findLora}.
 */
export async function inherit(
  read: Pick<ReadParameters, 'prompt' | 'negative'> | null,
  { tokenizer, model }: Pick<OfferedModel, 'tokenizer' | 'model'>,
  { refused }: Pick<Settings, 'refused'>,
  loraFolders?: readonly string[],
): Promise<Inherited> {
  const limit = tokenLimit(model);
  const blocked = new BlockedWords(refused);
  const changes = new Set<Change>();
  const fits = (text: string) => promptLength(tokenizer, text) <= limit;

  async function taken(text: string): Promise<string> {
    const short = await shortened(text, fits);
    if (short !== text) changes.add('pictureCut');
    const usable = await withoutStrangeLoras(short, model.kind === 'onnx' ? [] : loraFolders);
    if (usable !== short) changes.add('pictureLoras');
    await breathe();
    if (blocked.in(usable) === undefined) return usable;
    changes.add('pictureWords');
    return '';
  }

  const prompt = await taken(read?.prompt.trim() ?? '');
  const negative = await taken(read?.negative.trim() ?? '');
  return { prompt, negative, notices: [...changes].map((code) => notice(code, limit)) };
}

function notice(code: Change, limit: number): Notice {
  return { text: NOTICES[code].replace('{{limit}}', String(limit)), meaning: { code, values: { limit } } };
}

/** The longest start that fits and ends at a phrase, or at least a word. Yields to the event loop in between. */
async function shortened(text: string, fits: (text: string) => boolean): Promise<string> {
  // Tags have no tokens, and a malformed tag has no length.
  if (lengthOf(text) <= MAX_WORDS && fits(withoutTags(text))) return text;
  const start = text.slice(0, MAX_WORDS);
  const placesOf = (mark: RegExp) => [...start.matchAll(mark)].map(({ index }) => index);
  const phrases = placesOf(/[,\n]/g);
  const ends = [0, ...(phrases.length >= 3 ? phrases : placesOf(/\s+/g))];
  let [low, high] = [0, ends.length - 1];
  while (low < high) {
    await breathe();
    const middle = Math.ceil((low + high) / 2);
    if (fits(withoutTags(start.slice(0, ends[middle])))) low = middle;
    else high = middle - 1;
  }
  return start
    .slice(0, ends[low])
    .replace(/<[^<>]*$/, '')
    .trim();
}

/** More than anybody uses in a prompt: each is looked for on disk. */
const MAX_TAGS = 16;

async function withoutStrangeLoras(text: string, folders?: readonly string[]): Promise<string> {
  const tags = [...new Set(text.match(LORA_TAG))].slice(0, MAX_TAGS);
  const usable = new Set<string>();
  for (const tag of tags) if (await isHere(tag, folders)) usable.add(tag);
  return text.replace(LORA_TAG, (tag) => (usable.has(tag) ? tag : '')).trim();
}

async function isHere(tag: string, folders?: readonly string[]): Promise<boolean> {
  try {
    const { loras } = parsePrompt(tag);
    for (const { name } of loras) await findLora(name, folders);
    return loras.length > 0;
  } catch {
    return false;
  }
}
