import { SAMPLERS, samplerNamed } from '../engine/samplers/table.js';
import { Refusal } from './refusal.js';

/** What was typed or picked, by name or title; the model's own where nothing was. @throws Refusal if there is none such. */
export function samplerOf(text: string | null, fallback: string): string {
  const sampler = text === null ? fallback : samplerNamed(text);
  if (!sampler) throw new Refusal('noSampler', { sampler: text! });
  return sampler;
}

/** As people read it; the name itself if a later version no longer has it. */
export function samplerTitle(name: string): string {
  return (SAMPLERS as Readonly<Record<string, { title: string }>>)[name]?.title ?? name;
}
