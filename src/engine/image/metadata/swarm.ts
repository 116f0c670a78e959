import { named } from './fields.js';
import { objectOf, parseObject } from './json.js';
import type { ReadParameters } from './parameters.js';
import type { Texts } from './texts.js';

const NAMES = {
  prompt: 'prompt',
  negativeprompt: 'negative',
  seed: 'seed',
  steps: 'steps',
  cfgscale: 'scale',
  width: 'width',
  height: 'height',
  model: 'model',
  sampler: 'sampler',
  comfyuisampler: 'sampler',
  autowebuisampler: 'sampler',
  scheduler: 'scheduleType',
  comfyuischeduler: 'scheduleType',
} as const;

/** SwarmUI (docs/Image Metadata Format.md): one JSON text, in EXIF's `Model` in its first versions. */
export function readSwarm(texts: Texts): ReadParameters | null {
  for (const place of ['parameters', 'UserComment', 'Model']) {
    const params = objectOf(parseObject(texts.get(place))?.sui_image_params);
    if (!params) continue;
    const { swarm_version, ...written } = params;
    return { ...named(written, NAMES), version: `SwarmUI ${swarm_version ?? ''}`.trim() };
  }
  return null;
}
