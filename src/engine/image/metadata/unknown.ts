import { isJson } from './json.js';
import type { ReadParameters } from './parameters.js';
import type { Texts } from './texts.js';

/** PNG texts that one program alone writes; the readers before this one made nothing of them. */
const WRITERS: readonly (readonly [keyword: string, program: string])[] = [
  ['invokeai_metadata', 'InvokeAI'],
  ['invokeai_graph', 'InvokeAI'],
  ['invokeai_workflow', 'InvokeAI'],
  ['sd-metadata', 'InvokeAI'],
  ['Dream', 'InvokeAI'],
  ['fooocus_scheme', 'Fooocus'],
  ['workflow', 'ComfyUI'],
];

/** Any other program that paints, or what one that is known wrote in a way that is not. */
export function readUnknown(texts: Texts): ReadParameters | null {
  const program = programOf(texts);
  if (program === null) return null;
  return { prompt: '', negative: '', ...(program && { version: program }), unread: true, other: {} };
}

/** @returns '' for one without a name, null for none. */
function programOf(texts: Texts): string | null {
  const writer = WRITERS.find(([keyword]) => texts.has(keyword))?.[1];
  if (writer) return writer;
  if (texts.get('Software') === 'NovelAI') return 'NovelAI';
  if (/ Job ID: [\da-f-]{36}/.test(texts.get('Description') ?? '')) return 'Midjourney';
  // Phones write JSON, too, but of no prompt.
  const comment = texts.get('UserComment') ?? '';
  const written =
    isJson(texts.get('parameters')) || texts.get('prompt') || (isJson(comment) && /prompt"\s*:/i.test(comment));
  return written ? '' : null;
}
