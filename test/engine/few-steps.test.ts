import { describe, expect, test } from 'vitest';
import { recipeNamed } from '../../src/engine/few-steps.js';

describe('published names and what their pages say', () => {
  test.each([
    ['Hyper-SD15-1step-lora', 1, 1, 'tcd'],
    ['Hyper-SD15-2steps-lora', 2, 1, 'ddim', 'trailing'],
    ['Hyper-SD15-8steps-lora', 8, 1, 'ddim', 'trailing'],
    ['Hyper-SD15-8steps-CFG-lora', 8, 5, 'ddim', 'trailing'],
    ['Hyper-SD15-12steps-CFG-lora', 12, 5, 'ddim', 'trailing'],
    ['hyper_sd15_4step_lora', 4, 1, 'ddim', 'trailing'],
    ['TCD-SD15-LoRA', 4, 1, 'tcd'],
    ['TCD-SD21-base-LoRA', 4, 1, 'tcd'],
    ['lcm-lora-sdv1-5', 4, 1, 'lcm'],
    ['lcm_lora_sd15', 4, 1, 'lcm'],
    ['LCM_Dreamshaper_v7', 4, 1, 'lcm'],
    ['dreamshaper_8LCM', 4, 1, 'lcm'],
    ['sd-turbo', 1, 1, 'euler', 'trailing'],
    ['sd_turbo', 1, 1, 'euler', 'trailing'],
    ['sdxs-512-0.9', 1, 1, 'euler', 'trailing'],
  ])('%s', (name, steps, scale, sampler, sigmas?: string) => {
    expect(recipeNamed(name)).toEqual({ steps, scale, sampler, ...(sigmas && { sigmas }) });
  });

  test.each([
    '',
    'v1-5-pruned-emaonly',
    'filmcam',
    'hyperrealism',
    'Hyper-SDXL-4steps-lora',
    'hyper-sd15-0steps-lora',
    'turbo',
    'x'.repeat(1e5),
  ])('nothing is known of %.40s', (name) => {
    expect(recipeNamed(name)).toBeUndefined();
  });
});
