import { named } from './fields.js';
import { objectOf, parseObject, stringOf } from './json.js';
import type { ReadParameters } from './parameters.js';
import type { Texts } from './texts.js';

const NAMES = {
  prompt: 'prompt',
  uc: 'negative',
  seed: 'seed',
  steps: 'steps',
  scale: 'scale',
  sampler: 'sampler',
  noise_schedule: 'scheduleType',
  width: 'width',
  height: 'height',
  strength: 'strength',
} as const;

/** NovelAI: PNG texts with its name in `Software` and JSON in `Comment`; in WebP all of it as JSON in the user comment. */
export function readNovelAi(texts: Texts): ReadParameters | null {
  const packed = parseObject(texts.get('UserComment'));
  const text = (name: string) => texts.get(name) ?? stringOf(packed?.[name]);
  const written = parseObject(text('Comment'));
  if (!written || text('Software') !== 'NovelAI') return null;
  const { v4_prompt, v4_negative_prompt, ...rest } = written;
  const read = named(rest, NAMES);
  const model = text('Source');
  return {
    ...read,
    prompt: caption(v4_prompt) ?? (read.prompt || (text('Description') ?? '')),
    negative: caption(v4_negative_prompt) ?? read.negative,
    ...(model && { model }),
    version: 'NovelAI',
  };
}

/** Since version 4 each character in the picture has its own prompt. */
function caption(prompt: unknown): string | undefined {
  const { base_caption, char_captions } = objectOf(objectOf(prompt)?.caption) ?? {};
  const figures = Array.isArray(char_captions) ? char_captions.map((one) => objectOf(one)?.char_caption) : [];
  const words = [base_caption, ...figures].filter((one): one is string => typeof one === 'string' && one !== '');
  return words.length > 0 ? words.join(', ') : undefined;
}
