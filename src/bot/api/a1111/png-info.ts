import { fieldsText, textOf } from '../../../engine/image/metadata/infotext.js';
import type { ReadParameters } from '../../../engine/image/metadata/parameters.js';

/** `/sdapi/v1/png-info`, of what a picture of any program says of its making. */
export function pngInfoOf(read: ReadParameters | null): object {
  if (!read || read.unread) return { info: '', items: {}, parameters: {} };
  const { prompt, negative, ...rest } = read;
  const fields = fieldsText(rest);
  const info = textOf(prompt, negative, fields);
  return { info, items: { parameters: info }, parameters: labelled(prompt, negative, fields) };
}

/** By AUTOMATIC1111's names (modules/infotext_utils.py, parse_generation_parameters). */
function labelled(prompt: string, negative: string, fields: string): object {
  const pairs = [...fields.matchAll(/\s*(\w[\w \-/]+):\s*("(?:\\.|[^\\"])+"|[^,]*)(?:,|$)/g)];
  const values = pairs.map(([, label, value]) => [label!, value!.startsWith('"') ? JSON.parse(value!) : value!]);
  const size = /^(\d+)x(\d+)$/.exec(Object.fromEntries(values).Size ?? '');
  return {
    Prompt: prompt,
    'Negative prompt': negative,
    ...Object.fromEntries(values),
    ...(size && { 'Size-1': size[1], 'Size-2': size[2] }),
  };
}
