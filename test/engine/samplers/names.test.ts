import { describe, expect, test } from 'vitest';
import { samplerNamed, samplerTitle } from '../../../src/engine/samplers/names.js';
import { SAMPLERS, type SamplerEntry, type SamplerName } from '../../../src/engine/samplers/table.js';

const names = Object.keys(SAMPLERS) as SamplerName[];

describe('a sampler is found', () => {
  test.each(names)('%s, by its own name, by its title, and by what pictures say of it', (sampler) => {
    const { spacings }: SamplerEntry = SAMPLERS[sampler];
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
    ['DPM2', 'dpm_2'],
    ['k_dpm_2_a', 'dpm_2_a'],
    ['dpm_2_ancestral', 'dpm_2_a'],
    ['KDPM2DiscreteScheduler', 'dpm_2'],
    ['DPM++ 2S a', 'dpmpp_2s_a'],
    ['dpmpp_2s_ancestral', 'dpmpp_2s_a'],
    ['DPM++ 2M SDE Heun', 'dpmpp_2m_sde_heun'],
    ['dpmpp_3m_sde_gpu', 'dpmpp_3m_sde'],
    ['DEISMultistepScheduler', 'deis'],
    ['ipndm', 'ipndm'],
    ['TCDScheduler', 'tcd'],
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
    ['DPM2 a Karras', 'dpm_2_a'],
    ['k_dpmpp_2s_a_ka', 'dpmpp_2s_a'],
    ['deis_k', 'deis'],
    ['unipc_k', 'unipc'],
  ] as const)("%s, with Karras's noise levels", (text, sampler) => {
    expect(samplerNamed(text)).toEqual({ sampler, sigmas: 'karras' });
  });

  test.each([
    ['DPM++ 2M SDE Exponential', 'dpmpp_2m_sde', 'exponential'],
    ['DPM++ 2M SDE Heun Exponential', 'dpmpp_2m_sde_heun', 'exponential'],
    ['DPM++ 3M SDE Exponential', 'dpmpp_3m_sde', 'exponential'],
    ['Euler SGM Uniform', 'euler', 'sgm_uniform'],
    ['euler sgm_uniform', 'euler', 'sgm_uniform'],
    ['DPM++ 2M Align Your Steps', 'dpmpp_2m', 'ays'],
    ['dpmpp_2m ays', 'dpmpp_2m', 'ays'],
    ['DDIM Trailing', 'ddim', 'trailing'],
    ['euler_normal', 'euler', 'default'],
  ] as const)('%s', (text, sampler, sigmas) => {
    expect(samplerNamed(text)).toEqual({ sampler, sigmas });
  });
});

test.each([
  'magic',
  '',
  'k',
  'karras',
  'DDIM Karras',
  'LCM Trailing',
  'DPM fast',
  'Trailing',
  'Euler a b',
  'dpmpp_2m'.repeat(1000),
])('nothing is called %s', (text) => {
  expect(samplerNamed(text)).toBeNull();
});
