import { named } from './fields.js';
import { objectOf, parseObject, stringOf } from './json.js';
import type { ReadParameters } from './parameters.js';
import type { Texts } from './texts.js';

const NAMES = {
  positive_prompt: 'prompt',
  negative_prompt: 'negative',
  prompt: 'prompt',
  seed: 'seed',
  steps: 'steps',
  cfg_scale: 'scale',
  scheduler: 'sampler',
  sampler: 'sampler',
  width: 'width',
  height: 'height',
  strength: 'strength',
} as const;

/** Of the line that version 1 wrote (ldm/invoke/args.py). */
const SWITCHES = {
  s: 'steps',
  S: 'seed',
  W: 'width',
  H: 'height',
  C: 'cfg_scale',
  A: 'sampler',
  f: 'strength',
} as const;

/** InvokeAI: `invokeai_metadata` since version 3, `sd-metadata` in version 2, `Dream` in version 1. */
export function readInvoke(texts: Texts): ReadParameters | null {
  const first = version1(texts.get('Dream'));
  const second = version2(texts.get('sd-metadata'));
  // Both were written at a time; what is kept out is not in both.
  const older = second && { ...second, negative: second.negative || (first?.negative ?? '') };
  return version3(texts.get('invokeai_metadata')) ?? older ?? first;
}

function version3(text: string | undefined): ReadParameters | null {
  const written = parseObject(text);
  if (!written) return null;
  const { model, app_version, ...rest } = written;
  const own = objectOf(model);
  const name = stringOf(own?.name ?? own?.model_name);
  const version = `InvokeAI ${app_version ?? ''}`.trim();
  return { ...named(rest, NAMES), ...(name !== undefined && { model: name }), version };
}

function version2(text: string | undefined): ReadParameters | null {
  const written = parseObject(text);
  const image = objectOf(written?.image);
  if (!written || !image) return null;
  const { prompt } = image;
  const parts = Array.isArray(prompt) ? prompt.map((part) => objectOf(part)?.prompt) : [prompt];
  const model = stringOf(written.model_weights ?? written.model);
  const words = sides(parts.filter((part) => typeof part === 'string').join(' '));
  const version = `InvokeAI ${written.app_version ?? ''}`.trim();
  return { ...named({ ...image, prompt: null }, NAMES), ...words, ...(model !== undefined && { model }), version };
}

function version1(text: string | undefined): ReadParameters | null {
  const [, prompt, switches] = /^\s*"(.*)"([^"]*)$/s.exec(text ?? '') ?? [];
  if (prompt === undefined) return null;
  const written = [...switches!.matchAll(/(?:^|\s)-([sSWHCAf])\s*([^\s-]\S*)/g)].map(([, key, value]) => [
    SWITCHES[key as keyof typeof SWITCHES],
    value!,
  ]);
  return { ...named(Object.fromEntries(written), NAMES), ...sides(prompt), version: 'InvokeAI' };
}

/** Negative prompts used to be written in square brackets. */
function sides(text: string): Pick<ReadParameters, 'prompt' | 'negative'> {
  const negative = [...text.matchAll(/\[([^[\]]*)\]/g)].map(([, words]) => words!.trim());
  return {
    prompt: text.replace(/\s*\[[^[\]]*\]/g, '').trim(),
    negative: negative.join(', '),
  };
}
