import type { Sampler } from './sampler.js';
import { SPACING_NAMES } from './spacing.js';
import { SAMPLERS, type SamplerEntry } from './table.js';

/**
 * A sampler of one's own, in place of a name: the function alone, or with what {@link SAMPLERS} says of the built-in ones. What is
 * left out is taken to be possible.
 */
export type OwnSampler = Sampler | (Pick<SamplerEntry, 'sample'> & Partial<SamplerEntry>);

/** Undefined if it is neither. */
export function ownSampler(sampler: unknown): SamplerEntry | undefined {
  const known = typeof sampler === 'function' ? { sample: sampler } : Object(sampler);
  if (typeof known.sample !== 'function') return undefined;
  const title = known.sample.name === 'sample' ? '' : known.sample.name;
  // A method may be its class's.
  const sample: Sampler = (options) => known.sample(options);
  return { title: title || 'own', eta: 0, spacings: SPACING_NAMES, lists: SAMPLERS.euler.lists, ...known, sample };
}
