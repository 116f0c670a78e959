import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Serving } from '../../../src/bot/serve.js';
import { DEFAULT_MODEL } from '../../../src/config.js';
import { readMetadata } from '../../../src/engine/image/metadata.js';
import { picture, pixelAt, serve } from './served.js';

// A front end's requests, as SillyTavern's server (src/endpoints/stable-diffusion.js) and webuiapi send them, to `easel serve`.

const KEY = 'user:front-end-key';
let serving: Serving;
beforeAll(async () => {
  serving = await serve({ EASEL_API_KEY: KEY });
});
afterAll(() => serving.stop());

const headers = {
  authorization: `Basic ${Buffer.from(KEY).toString('base64')}`,
  'content-type': 'application/json',
};
// biome-ignore lint/suspicious/noExplicitAny: what is answered is what is tested
type Answer = any;

async function get(name: string): Promise<Answer> {
  const response = await fetch(`${serving.url}/sdapi/v1/${name}`, { headers });
  expect(response.status, name).toBe(200);
  return response.json();
}

async function post(name: string, body: object = {}, more: RequestInit = {}) {
  const response = await fetch(`${serving.url}/sdapi/v1/${name}`, {
    ...{ method: 'POST', headers, body: JSON.stringify(body) },
    ...more,
  });
  return { status: response.status, answer: (await response.json()) as Answer };
}

const FIRST = { prompt: 'a red apple', steps: 2, width: 128, height: 128, seed: 5, sampler_name: 'Euler a' };
/** The text encoder's last layer but one. */
const SKIP = { CLIP_stop_at_last_layers: 2 };
const base64 = async (file: Promise<Buffer>) => (await file).toString('base64');
const bytes = (image: string) => Buffer.from(image, 'base64');

test('a front end that connects finds what it chooses from', async () => {
  expect(await get('options')).toMatchObject({ sd_model_checkpoint: DEFAULT_MODEL, samples_format: 'png' });
  const names = async (list: string) => (await get(list)).map(({ name }: { name: string }) => name);
  expect(await names('samplers')).toEqual(expect.arrayContaining(['Euler a', 'DPM++ 2M', 'DDIM', 'UniPC', 'LCM']));
  expect(await names('schedulers')).toEqual(expect.arrayContaining(['automatic', 'karras', 'align_your_steps']));
  expect(await names('upscalers')).toContain('None');
  for (const list of ['latent-upscale-modes', 'sd-vae', 'hypernetworks', 'face-restorers', 'prompt-styles'])
    expect(await get(list), list).toEqual([]);
  for (const other of ['cmd-flags', 'embeddings', 'memory', 'scripts', 'loras']) await get(other);
  const models = await get('sd-models');
  expect(models[0]).toMatchObject({ title: DEFAULT_MODEL, model_name: DEFAULT_MODEL });
  expect(await post('options', { sd_model_checkpoint: models[0].title })).toEqual({ status: 200, answer: null });
  expect(await get('progress')).toMatchObject({ progress: 0, state: { job_count: 0 } });
});

test('txt2img answers with pictures, the fields with their defaults, and info as a text', async () => {
  const { status, answer } = await post('txt2img', {
    ...FIRST,
    sampler_name: 'DPM++ 2M',
    scheduler: 'Karras',
    negative_prompt: 'blue',
    cfg_scale: '3',
    batch_size: 2,
    restore_faces: false,
    a_field_of_another_version: true,
    save_images: true,
  });
  expect(status).toBe(200);
  expect(answer.parameters).toMatchObject({ prompt: 'a red apple', cfg_scale: 3, n_iter: 1, denoising_strength: 0.75 });
  const info = JSON.parse(answer.info);
  expect(info).toMatchObject({ seed: 5, all_seeds: [5, 6], steps: 2, sampler_name: 'DPM++ 2M Karras', cfg_scale: 3 });
  expect(info.infotexts[1]).toMatch(/^a red apple\nNegative prompt: blue\nSteps: 2, Sampler: DPM\+\+ 2M Karras/);
  const made = await Promise.all(answer.images.map((image: string) => readMetadata(bytes(image))));
  expect(made).toMatchObject([{ seed: 5, negative: 'blue', scale: 3 }, { seed: 6 }]);
});

test('the same seed paints the same picture; a variation seed, tiling and n_iter do as there', async () => {
  const [one, again, varied] = await Promise.all([
    post('txt2img', FIRST),
    post('txt2img', { ...FIRST, send_images: true }),
    post('txt2img', { ...FIRST, subseed: 9, subseed_strength: 0.4, tiling: true, n_iter: 2, override_settings: SKIP }),
  ]);
  expect(one.answer.images).toEqual(again.answer.images);
  const info = JSON.parse(varied.answer.info);
  expect(info).toMatchObject({ all_seeds: [5, 5], all_subseeds: [9, 10], subseed_strength: 0.4 });
  expect(await readMetadata(bytes(varied.answer.images[1]))).toMatchObject({
    clipSkip: 2,
    variationSeed: 10,
    variationStrength: 0.4,
    tiling: 'True',
  });
  expect((await post('txt2img', { ...FIRST, send_images: false })).answer.images).toEqual([]);
});

test('hires. fix paints every picture again, larger', async () => {
  const { answer } = await post('txt2img', {
    ...FIRST,
    batch_size: 2,
    enable_hr: true,
    hr_scale: 1.5,
    hr_upscaler: 'Latent',
    denoising_strength: 0.5,
    hr_second_pass_steps: 2,
    hr_sampler_name: 'DPM++ 2M',
    hr_scheduler: 'Karras',
  });
  const sizes = await Promise.all(answer.images.map(async (image: string) => sharp(bytes(image)).metadata()));
  expect(sizes).toMatchObject([
    { width: 192, height: 192 },
    { width: 192, height: 192 },
  ]);
  const info = JSON.parse(answer.info);
  expect(info).toMatchObject({ all_seeds: [5, 6], width: 128 });
  expect(info.infotexts[0]).toMatch(/Sampler: DPM\+\+ 2M Karras/);
});

test('img2img starts from a picture, in the size that is asked for', async () => {
  const init = await base64(picture(200, 100));
  const { answer } = await post('img2img', {
    ...FIRST,
    width: 256,
    init_images: [`data:image/png;base64,${init}`],
    denoising_strength: 0.4,
  });
  expect(await readMetadata(bytes(answer.images[0]))).toMatchObject({ strength: 0.4, width: 256, height: 128 });
  expect(answer.parameters).toMatchObject({ init_images: null, mask: null, denoising_strength: 0.4 });
});

test('only the masked part is painted, in a picture that keeps its size; inverted, the rest is', async () => {
  const init = await base64(picture(300, 200));
  const white = await base64(picture(60, 60, { background: '#fff' }));
  const mask = await base64(
    sharp({ create: { width: 300, height: 200, channels: 3, background: '#000' } })
      .composite([{ input: bytes(white), left: 200, top: 100 }])
      .png()
      .toBuffer(),
  );
  const common = { ...FIRST, steps: 4, init_images: [init], mask, mask_blur: 0, denoising_strength: 1 };
  const part = await post('img2img', { ...common, inpaint_full_res: true, inpaint_full_res_padding: 32 });
  const file = bytes(part.answer.images[0]);
  expect(await sharp(file).metadata()).toMatchObject({ width: 300, height: 200 });
  expect(await pixelAt(file, 20, 20)).toEqual([0xcc, 0x33, 0x33]);
  expect(await readMetadata(file)).toMatchObject({ inpaintArea: 'Only masked', maskedPadding: 32 });
  const rest = await post('img2img', { ...common, inpaint_full_res: false, inpainting_mask_invert: 1, width: 256 });
  const inverted = bytes(rest.answer.images[0]);
  const changed = await pixelAt(inverted, 20, 20);
  expect(Math.abs(changed[0]! - 0xcc) + Math.abs(changed[1]! - 0x33) + Math.abs(changed[2]! - 0x33)).toBeGreaterThan(
    20,
  );
});

test('what is masked begins as inpainting_fill says: the colours around it, the picture, noise or nothing', async () => {
  const init_images = [await base64(picture(128, 128))];
  const mask = await base64(picture(128, 128, { background: '#fff' }));
  const asked = { ...FIRST, init_images, mask, mask_blur: 0, inpaint_full_res: false, denoising_strength: 0.5 };
  const made = async (more: object) => {
    const { answer } = await post('img2img', { ...asked, ...more });
    return { image: answer.images[0], content: (await readMetadata(bytes(answer.images[0])))?.maskedContent };
  };
  const all = await Promise.all([0, 1, 2, 3].map((inpainting_fill) => made({ inpainting_fill })));
  expect(all.map(({ content }) => content)).toEqual(['fill', undefined, 'latent noise', 'latent nothing']);
  expect(new Set(all.map(({ image }) => image)).size).toBe(4);
  expect(await made({})).toEqual(all[0]);
});

test('progress follows a request, and interrupt ends it: it is answered without pictures', async () => {
  const long = post('txt2img', { ...FIRST, steps: 150, width: 256, height: 256 });
  await expect.poll(async () => (await get('progress')).state.sampling_step, { interval: 50 }).toBeGreaterThan(1);
  const now = await get('progress?skip_current_image=true');
  expect(now).toMatchObject({ state: { job: 'txt2img', job_count: 1, sampling_steps: 150 }, current_image: null });
  expect(now.progress).toBeGreaterThan(0);
  expect(now.progress).toBeLessThan(1);
  expect(now.eta_relative).toBeGreaterThan(0);
  await expect.poll(async () => (await get('progress')).current_image, { interval: 100 }).toMatch(/^iVBOR/);
  expect(await post('interrupt')).toEqual({ status: 200, answer: {} });
  expect(await long).toMatchObject({ status: 200, answer: { images: [] } });
  expect(await get('progress')).toMatchObject({ progress: 0 });
});

test("interrupt leaves the requests of OpenAI's interface alone", async () => {
  const body = JSON.stringify({ prompt: 'a fox', steps: 10, response_format: 'b64_json' });
  let answered = false;
  const painted = fetch(`${serving.url}/v1/images/generations`, {
    ...{ method: 'POST', body, headers: { ...headers, authorization: `Bearer ${KEY}` } },
  }).finally(() => {
    answered = true;
  });
  while (!answered) await post('interrupt');
  expect((await painted).status).toBe(200);
});

test('png-info reads what a picture says of its making', async () => {
  const { answer } = await post('txt2img', { ...FIRST, negative_prompt: 'blue' });
  const { info, parameters, items } = (await post('png-info', { image: answer.images[0] })).answer;
  expect(info).toBe(JSON.parse(answer.info).infotexts[0]);
  expect(items).toEqual({ parameters: info });
  expect(parameters).toMatchObject({
    Prompt: 'a red apple',
    'Negative prompt': 'blue',
    Steps: '2',
    Sampler: 'Euler a',
    Seed: '5',
    'Size-1': '128',
  });
  const plain = await post('png-info', { image: await base64(picture()) });
  expect(plain.answer).toEqual({ info: '', items: {}, parameters: {} });
});

test('extras make a picture larger', async () => {
  const image = await base64(picture(50, 40));
  const { answer } = await post('extra-single-image', { image, upscaling_resize: 3, upscaler_1: 'None' });
  expect(await sharp(bytes(answer.image)).metadata()).toMatchObject({ width: 150, height: 120 });
  expect(await post('extra-single-image', { image, upscaler_1: 'ESRGAN_4x' })).toMatchObject({ status: 404 });
});

test('what is wrong is said as AUTOMATIC1111 and FastAPI say it', async () => {
  const none = await fetch(`${serving.url}/sdapi/v1/options`);
  expect(none.status).toBe(401);
  expect(none.headers.get('www-authenticate')).toBe('Basic');
  expect(await none.json()).toMatchObject({ detail: 'Not authenticated' });
  const other = { authorization: `Basic ${Buffer.from('user:another').toString('base64')}` };
  const refused = await fetch(`${serving.url}/sdapi/v1/options`, { headers: other });
  expect(await refused.json()).toMatchObject({ detail: 'Incorrect username or password' });
  expect(await post('txt2img', { ...FIRST, steps: 'many', cfg_scale: 99 })).toEqual({
    status: 422,
    answer: {
      detail: [
        { loc: ['body', 'steps'], msg: 'value is not a valid integer', type: 'type_error.integer' },
        {
          loc: ['body', 'cfg_scale'],
          msg: 'ensure this value is less than or equal to 30',
          type: 'value_error.number.not_le',
          ctx: { limit_value: 30 },
        },
      ],
    },
  });
  const wrong = async (name: string, body: object) => {
    const { status, answer } = await post(name, body);
    return [status, answer.detail];
  };
  expect(await wrong('txt2img', { ...FIRST, sampler_name: 'Nothing' })).toEqual([404, 'Sampler not found']);
  const hr_sampler_name = 'Nothing';
  expect(await wrong('txt2img', { ...FIRST, enable_hr: true, hr_sampler_name })).toEqual([404, 'Sampler not found']);
  const override_settings = { sd_model_checkpoint: 'nothing.safetensors [0123456789]' };
  expect(await wrong('txt2img', { ...FIRST, override_settings })).toEqual([404, 'Model not found']);
  expect(await wrong('txt2img', { ...FIRST, script_name: 'X/Y/Z plot' })).toEqual([
    422,
    "Script 'X/Y/Z plot' not found",
  ]);
  expect(await wrong('img2img', FIRST)).toEqual([404, 'Init image not found']);
  expect(await wrong('img2img', { ...FIRST, init_images: ['http://127.0.0.1/'] })).toEqual([
    500,
    'Requests not allowed',
  ]);
  expect((await wrong('img2img', { ...FIRST, init_images: ['bm8gcGljdHVyZQ=='] }))[0]).toBe(400);
  expect((await wrong('txt2img', { padding: 'x'.repeat(33 * 2 ** 20) }))[0]).toBe(413);
  const many = { init_images: Array(1_000_000).fill(1) };
  expect(await wrong('img2img', many)).toEqual([400, 'The body has more than 2000 values.']);
  expect((await wrong('options', []))[0]).toBe(422);
  expect(await wrong('nothing', {})).toEqual([404, 'There is no POST /sdapi/v1/nothing here.']);
});
