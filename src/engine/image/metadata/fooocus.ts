import { named } from './fields.js';
import { parseObject, stringOf } from './json.js';
import type { ReadParameters } from './parameters.js';
import type { Texts } from './texts.js';

/** By key, and by the label that older versions wrote instead. */
const NAMES = {
  prompt: 'prompt',
  Prompt: 'prompt',
  negative_prompt: 'negative',
  'Negative Prompt': 'negative',
  seed: 'seed',
  Seed: 'seed',
  steps: 'steps',
  Steps: 'steps',
  guidance_scale: 'scale',
  'Guidance Scale': 'scale',
  sampler: 'sampler',
  Sampler: 'sampler',
  scheduler: 'scheduleType',
  Scheduler: 'scheduleType',
  base_model: 'model',
  'Base Model': 'model',
  base_model_hash: 'modelHash',
  clip_skip: 'clipSkip',
  version: 'version',
  Version: 'version',
} as const;

/** Fooocus (modules/meta_parser.py): one JSON text. Its other scheme is AUTOMATIC1111's. */
export function readFooocus(texts: Texts): ReadParameters | null {
  for (const place of ['parameters', 'UserComment', 'Comment', 'comment']) {
    const written = parseObject(texts.get(place));
    const version = stringOf(written?.version ?? written?.Version);
    if (!written || !(texts.get('fooocus_scheme') === 'fooocus' || version?.startsWith('Fooocus'))) continue;
    const { version: own = 'Fooocus', ...read } = named(written, NAMES);
    const size = /^\((\d+), (\d+)\)$/.exec(stringOf(written.resolution ?? written.Resolution) ?? '');
    return { ...read, ...(size && { width: Number(size[1]), height: Number(size[2]) }), version: own };
  }
  return null;
}
