import { describe, expect, test } from 'vitest';
import { samplerNamed, samplerTitle } from '../../../src/engine/samplers/names.js';
import { SAMPLERS, type SamplerName } from '../../../src/engine/samplers/table.js';

const names = Object.keys(SAMPLERS) as SamplerName[];

describe('a sampler is found', () => {
  test.each(names)('%s, by its own name, by its title, and by what pictures say of it', (sampler) => {
    const spacings = SAMPLERS[sampler].usesSigmas ? (['default', 'karras'] as const) : (['default'] as const);
    expect(samplerNamed(sampler)).toEqual({ sampler, sigmas: 'default' });
    for (const sigmas of spacings) {
      const title = samplerTitle({ sampler, sigmas });
      for (const text of [title, title.toUpperCase()]) expect(samplerNamed(text)).toEqual({ sampler, sigmas });
    }
  });

  // AUTOMATIC1111's titles and aliases (modules/sd_samplers_kdiffusion.py), CompVis-like k_..., ComfyUI
  // (comfy/samplers.py), diffusers' classes, InvokeAI's and NovelAI's names.
  test.each([
    ['Euler a', 'euler_a'],
    ['k_euler_a', 'euler_a'],
    ['k_euler_ancestral', 'euler_a'],
    ['euler_ancestral', 'euler_a'],
    ['Euler A', 'euler_a'],
    ['EulerAncestralDiscreteScheduler', 'euler_a'],
    ['k_euler', 'euler'],
    ['k_lms', 'lms'],
    ['k_dpmpp_2m', 'dpmpp_2m'],
    ['DPM++ 2M', 'dpmpp_2m'],
    ['dpm++ 2m sde', 'dpmpp_2m_sde'],
    ['dpmpp_2m_sde_gpu', 'dpmpp_2m_sde'],
    ['uni_pc', 'unipc'],
    ['DPM-Solver++', 'dpm_solver'],
    ['PNDM', 'plms'],
  ] as const)('%s', (text, sampler) => {
    expect(samplerNamed(text)).toEqual({ sampler, sigmas: 'default' });
  });

  test.each([
    ['DPM++ 2M Karras', 'dpmpp_2m'],
    ['DPM++ 2M SDE Karras', 'dpmpp_2m_sde'],
    ['DPM++ SDE Karras', 'dpmpp_sde'],
    ['k_dpmpp_2m_ka', 'dpmpp_2m'],
    ['dpmpp_2m_k', 'dpmpp_2m'],
    ['LMS Karras', 'lms'],
    ['euler_k', 'euler'],
  ] as const)("%s, with Karras's noise levels", (text, sampler) => {
    expect(samplerNamed(text)).toEqual({ sampler, sigmas: 'karras' });
  });
});

test.each(['magic', '', 'k', 'karras', 'DDIM Karras', 'DPM2', 'DPM++ 2S a', 'Euler a b', 'dpmpp_2m'.repeat(1000)])(
  'nothing is called %s',
  (text) => {
    expect(samplerNamed(text)).toBeNull();
  },
);
