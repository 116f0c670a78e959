import { expect, test } from 'vitest';
import { detailsOf, img2img, txt2img } from '../../../src/bot/api/a1111/fields.js';
import { SAMPLER_ITEMS, SCHEDULER_ITEMS, samplerFrom } from '../../../src/bot/api/a1111/samplers.js';
import { SAMPLERS } from '../../../src/engine/samplers/table.js';

test('a request without fields has the defaults of AUTOMATIC1111', () => {
  expect(txt2img.parse({})).toMatchObject({
    ...{ prompt: '', negative_prompt: '', seed: -1, steps: 50, cfg_scale: 7, batch_size: 1, n_iter: 1 },
    ...{
      sampler_name: null,
      sampler_index: 'Euler',
      scheduler: null,
      enable_hr: false,
      hr_scale: 2,
      send_images: true,
    },
  });
  expect(img2img.parse({ steps: null })).toMatchObject({
    ...{ init_images: null, mask: null, denoising_strength: 0.75, mask_blur: 4, inpaint_full_res: true, steps: 50 },
  });
});

test('numbers and flags may be texts, as pydantic takes them, and other fields are ignored', () => {
  const fields = txt2img.parse({ steps: '20', cfg_scale: '7.5', width: 511.9, tiling: 'on', enable_hr: 1, what: {} });
  expect(fields).toMatchObject({ steps: 20, cfg_scale: 7.5, width: 511, tiling: true, enable_hr: true });
  expect('what' in fields).toBe(false);
});

test('every field that does not fit is named, with the message of pydantic', () => {
  const { error } = img2img.safeParse({
    ...{ prompt: ['a'], steps: 'x', cfg_scale: {}, tiling: 'perhaps', init_images: 'a', override_settings: [] },
    ...{ batch_size: 0 },
  });
  const told = detailsOf(error!) as { loc: string[]; msg: string; type: string }[];
  expect(Object.fromEntries(told.map(({ loc, type }) => [loc[1], type]))).toEqual({
    prompt: 'type_error.str',
    steps: 'type_error.integer',
    cfg_scale: 'type_error.float',
    tiling: 'value_error.boolean',
    init_images: 'type_error.list',
    override_settings: 'type_error.dict',
    batch_size: 'value_error.number.not_ge',
  });
});

test('a sampler and a scheduler by any of their names are the one that the engine has', () => {
  const found = (name: string, scheduler: string | null = null) => Object.values(samplerFrom(name, scheduler))[0];
  expect(found('Euler a')).toBe('euler_a');
  expect(found('DPM++ 2M')).toBe('dpmpp_2m_karras');
  expect(found('DPM++ 2M', 'Automatic')).toBe('dpmpp_2m_karras');
  expect(found('DPM++ 2M', 'uniform')).toBe('dpmpp_2m');
  expect(found('DPM++ 2M', 'Exponential')).toBe('dpmpp_2m_exponential');
  expect(found('DPM++ SDE Karras', 'Exponential')).toBe('dpmpp_sde_karras');
  expect(found('k_euler', 'align_your_steps')).toBe('euler_ays');
  expect(found('DDIM', 'Karras')).toBe('ddim');
  expect(found('Nothing')).toBe('Sampler');
  expect(found('Euler', 'Beta')).toBe('Scheduler');
});

test('every sampler and scheduler on the lists is one', () => {
  expect(SAMPLER_ITEMS).toHaveLength(Object.keys(SAMPLERS).length);
  for (const { name, aliases } of SAMPLER_ITEMS)
    for (const one of [name, ...aliases]) expect(samplerFrom(one, null), one).toHaveProperty('sampler');
  for (const { name, label } of SCHEDULER_ITEMS)
    for (const one of [name, label]) expect(samplerFrom('Euler', one), one).toHaveProperty('sampler');
});

test('a body that is no object is told as pydantic tells it', () => {
  for (const body of [null, [], 'x', 5]) {
    const told = detailsOf(txt2img.safeParse(body).error!);
    expect(told).toEqual([{ loc: ['body'], msg: 'value is not a valid dict', type: 'type_error.dict' }]);
  }
});
