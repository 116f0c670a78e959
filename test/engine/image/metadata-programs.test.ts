import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import type { ReadParameters } from '../../../src/engine/image/metadata/parameters.js';
import { readMetadata } from '../../../src/engine/image/metadata.js';
import { exifOf, gifWithComment, jpegOf, jpegWithComment, packed, pngOf, unicode } from './picture-file.js';

const INFOTEXT =
  'a fox, café 🦊\nNegative prompt: blurry\nugly\nSteps: 20, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 7.5, ' +
  'Seed: 42, Size: 512x768, Model hash: 6ce0161689, Model: "my, model: v1", Hires upscaler: Latent, Version: v1.9.4';
const READ: ReadParameters = {
  prompt: 'a fox, café 🦊',
  negative: 'blurry\nugly',
  steps: 20,
  sampler: 'DPM++ 2M Karras',
  scale: 7.5,
  seed: 42,
  width: 512,
  height: 768,
  modelHash: '6ce0161689',
  model: 'my, model: v1',
  version: 'v1.9.4',
  rng: 'GPU',
  other: { 'Hires upscaler': 'Latent' },
};

describe("a web UI's text is read wherever it may stand", () => {
  const latin1 = INFOTEXT.replace(' 🦊', '');
  const utf8 = Buffer.from(INFOTEXT);
  const comment = { comment: unicode(INFOTEXT) };
  test.each<[string, () => Promise<Buffer>]>([
    ['tEXt in Latin-1', () => pngOf({ parameters: latin1 })],
    ['tEXt in UTF-8, against the standard', () => pngOf([['tEXt', 'parameters\0', utf8]])],
    ['iTXt', () => pngOf([['iTXt', 'parameters\0\0\0\0\0', utf8]])],
    ['iTXt, packed, with a language', () => pngOf([['iTXt', 'parameters\0\x01\0en\0Settings\0', packed(INFOTEXT)]])],
    ['zTXt', () => pngOf([['zTXt', 'parameters\0\0', packed(INFOTEXT)]])],
    ['eXIf of a PNG', () => pngOf([['eXIf', exifOf(comment)]])],
    ['a JPEG, both big-endian', () => jpegOf(exifOf(comment))],
    ['a JPEG, big-endian in a little-endian block', () => jpegOf(exifOf({ ...comment, bigEndian: false }))],
    ['a JPEG, little-endian in a big-endian block', () => jpegOf(exifOf({ comment: unicode(INFOTEXT, 'little') }))],
    ['a JPEG, with a byte order mark', () => jpegOf(exifOf({ comment: unicode(`\ufeff${INFOTEXT}`, 'little') }))],
    ['a JPEG, UTF-8 called UNICODE', () => jpegOf(exifOf({ comment: Buffer.from(`UNICODE\0${INFOTEXT}`) }))],
    ['a JPEG, UTF-8 called ASCII', () => jpegOf(exifOf({ comment: Buffer.from(`ASCII\0\0\0${INFOTEXT}`) }))],
    [
      'a JPEG, UTF-8 of no charset, padded',
      () => jpegOf(exifOf({ comment: Buffer.from(`${'\0'.repeat(8)}${INFOTEXT}\0\0\0  `) })),
    ],
    ['a JPEG, without the eight bytes', () => jpegOf(exifOf({ comment: utf8 }))],
    ['a JPEG, ImageDescription', () => jpegOf(exifOf({ first: { 270: INFOTEXT } }))],
    ["a JPEG, Windows' comment", () => jpegOf(exifOf({ first: { 40092: Buffer.from(`${INFOTEXT}\0`, 'utf16le') } }))],
    ["a JPEG's own comment", () => jpegWithComment(INFOTEXT)],
    ["a GIF's comment", () => gifWithComment(INFOTEXT)],
    [
      'WebP',
      async () =>
        sharp(await jpegOf(exifOf(comment)))
          .keepExif()
          .webp()
          .toBuffer(),
    ],
    [
      'AVIF',
      async () =>
        sharp(await jpegOf(exifOf(comment)))
          .keepExif()
          .avif()
          .toBuffer(),
    ],
    ['TIFF', async () => exifOf({ ...comment, bigEndian: false })],
  ])('%s', async (where, file) => {
    const { prompt, ...read } = (await readMetadata(await file()))!;
    const { prompt: wanted, ...others } = READ;
    expect(read).toEqual(others);
    expect(prompt).toBe(where === 'tEXt in Latin-1' ? 'a fox, café' : wanted);
  });
});

describe("a web UI's text", () => {
  const read = async (text: string) => (await readMetadata(await pngOf({ parameters: text })))!;

  test.each([
    ['of one more than a double holds', '9007199254740993'],
    ["of ComfyUI's nodes", '18446744073709551615'],
    ['of 19 digits', '6687881544318117707'],
  ])('keeps every digit of a seed %s', async (_, seed) => {
    expect((await read(`a fox\nSteps: 25, Sampler: Euler a, CFG scale: 7, Seed: ${seed}, Size: 512x512`)).seed).toBe(
      seed,
    );
  });

  test('of Forge, with extensions, keeps every field', async () => {
    const { prompt, negative, version, rng, other } = await read(
      'a fox\nSteps: 20, Sampler: Euler, Schedule type: Simple, CFG scale: 1, Distilled CFG Scale: 3.5, Seed: 7, ' +
        'Size: 896x1152, Hires upscale: 2, Hires CFG Scale: 0, ADetailer model: face_yolov8n.pt, ' +
        'ADetailer prompt: "a face, smiling: widely", ADetailer negative prompt 2nd: "a\\nb", Tiled (v2): on, Bare, ' +
        'Civitai resources: [{"type":"checkpoint","weight":1},{"type":"lora","name":"x, y"}], Version: f2.0',
    );
    expect([prompt, negative, version, rng]).toEqual(['a fox', '', 'f2.0', 'GPU']);
    expect(other).toEqual({
      'Distilled CFG Scale': '3.5',
      'Hires upscale': '2',
      'Hires CFG Scale': '0',
      'ADetailer model': 'face_yolov8n.pt',
      'ADetailer prompt': 'a face, smiling: widely',
      'ADetailer negative prompt 2nd': 'a\nb',
      'Tiled (v2)': 'on',
      Bare: 'Bare',
      'Civitai resources': '[{"type":"checkpoint","weight":1},{"type":"lora","name":"x, y"}]',
    });
  });

  test("with Dynamic Prompts' templates below the fields", async () => {
    const fields = 'Steps: 20, Sampler: Euler, Seed: 7, Size: 64x64';
    expect(
      await read(
        `a fox\nNegative prompt: x\n${fields}\nTemplate: a {fox|cat}: red, b: c,\nd: e\nNegative Template: {x|y}`,
      ),
    ).toEqual({
      prompt: 'a fox',
      negative: 'x',
      steps: 20,
      sampler: 'Euler',
      seed: 7,
      width: 64,
      height: 64,
      template: 'a {fox|cat}: red, b: c,\nd: e',
      other: { 'Negative Template': '{x|y}' },
    });
  });

  test.each([
    ['words alone', 'a fox'],
    ['words with colons', 'style: oil, subject: a fox, light: dusk'],
    ['words that start with alternatives', '{red|blue} fox'],
  ])('of %s is all prompt', async (_, text) => {
    expect(await read(text)).toEqual({ prompt: text, negative: '', other: {} });
  });

  test.each(['', ' \n ', '\0\0'])('of nothing (%j) is none', async (text) => {
    expect(await read(text)).toBeNull();
  });

  test('of fields in a foreign order, without a prompt', async () => {
    expect(await read('Seed: 7, Version: ComfyUI, Steps: 4, Sampler: lcm')).toEqual({
      prompt: '',
      negative: '',
      seed: 7,
      version: 'ComfyUI',
      steps: 4,
      sampler: 'lcm',
      other: {},
    });
  });

  test('with names that objects have', async () => {
    const { other } = await read('a\nSteps: 4, Sampler: lcm, Seed: 7, __proto__: x, constructor: y');
    expect(Object.entries(other)).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ]);
  });
});

const COMFY = {
  '3': {
    class_type: 'KSampler',
    inputs: {
      seed: '@18446744073709551615@',
      steps: 20,
      cfg: 8,
      sampler_name: 'dpmpp_2m',
      scheduler: 'karras',
      denoise: 1,
      model: ['10', 0],
      positive: ['6', 0],
      negative: ['7', 0],
      latent_image: ['5', 0],
    },
    is_changed: ['@NaN@'],
  },
  '4': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'v1-5.safetensors' } },
  '5': { class_type: 'EmptyLatentImage', inputs: { width: 512, height: 768, batch_size: 1 } },
  '6': { class_type: 'CLIPTextEncode', inputs: { text: 'a fox', clip: ['10', 1] } },
  '7': { class_type: 'CLIPTextEncode', inputs: { text: 'ugly', clip: ['10', 1] } },
  '10': { class_type: 'LoraLoader', inputs: { lora_name: 'x', model: ['4', 0], clip: ['4', 1] } },
};
/** As Python writes it: seeds of 64 bits, and NaN. */
const python = (graph: unknown) => JSON.stringify(graph).replaceAll(/"@|@"/g, '');

describe('other programs', () => {
  const novelAi = (comment: unknown) => ({
    Title: 'AI generated image',
    Description: 'a fox',
    Software: 'NovelAI',
    Source: 'Stable Diffusion 1D44365E',
    Comment: JSON.stringify(comment),
  });
  const swarm = JSON.stringify(
    {
      sui_image_params: {
        prompt: 'a fox',
        negativeprompt: 'ugly',
        model: 'OfficialStableDiffusion/x',
        seed: 581626448,
        steps: '25',
        cfgscale: '4.0',
        width: 512,
        height: 640,
        loras: ['a', 'b'],
        automaticvae: true,
        swarm_version: '0.9.3.1',
      },
      sui_extra_data: { date: '2025-01-25' },
    },
    null,
    2,
  );
  const fooocus = {
    adm_guidance: '(1.5, 0.8, 0.3)',
    base_model: 'juggernautXL',
    guidance_scale: 4,
    negative_prompt: 'ugly',
    prompt: 'a fox',
    resolution: '(1024, 768)',
    sampler: 'dpmpp_2m_sde_gpu',
    scheduler: 'karras',
    seed: '9223372036854775807',
    steps: 30,
    version: 'Fooocus v2.3.1',
  };
  const easy = {
    prompt: 'a fox',
    negative_prompt: 'ugly',
    seed: '42',
    use_stable_diffusion_model: 'sd-v1-4',
    use_vae_model: 'None',
    sampler_name: 'euler_a',
    width: '512',
    height: '640',
    num_inference_steps: '25',
    guidance_scale: '7.5',
  };
  const easyRead = {
    prompt: 'a fox',
    negative: 'ugly',
    seed: 42,
    model: 'sd-v1-4',
    sampler: 'euler_a',
    width: 512,
    height: 640,
    steps: 25,
    scale: 7.5,
    version: 'Easy Diffusion',
    other: {},
  };
  const fooocusRead = {
    prompt: 'a fox',
    negative: 'ugly',
    model: 'juggernautXL',
    scale: 4,
    sampler: 'dpmpp_2m_sde_gpu',
    scheduleType: 'karras',
    seed: '9223372036854775807',
    steps: 30,
    width: 1024,
    height: 768,
    version: 'Fooocus v2.3.1',
    other: { adm_guidance: '(1.5, 0.8, 0.3)', resolution: '(1024, 768)' },
  };
  const swarmRead = {
    prompt: 'a fox',
    negative: 'ugly',
    model: 'OfficialStableDiffusion/x',
    seed: 581626448,
    steps: 25,
    scale: 4,
    width: 512,
    height: 640,
    version: 'SwarmUI 0.9.3.1',
    other: { loras: '["a","b"]', automaticvae: 'true' },
  };
  const invokeRead = { prompt: 'a fox', negative: 'ugly', seed: 123, steps: 50, scale: 7.5, width: 512, height: 640 };
  const comfyRead = {
    prompt: 'a fox',
    negative: 'ugly',
    seed: '18446744073709551615',
    steps: 20,
    scale: 8,
    sampler: 'dpmpp_2m',
    scheduleType: 'karras',
    model: 'v1-5.safetensors',
    width: 512,
    height: 768,
    version: 'ComfyUI',
    other: {},
  };

  test.each<[string, () => Promise<Buffer>, unknown]>([
    ['SwarmUI, as ImageSharp writes PNG', () => pngOf([['iTXt', 'parameters\0\0\0\0\0', swarm]]), swarmRead],
    ['SwarmUI, JPEG', () => jpegOf(exifOf({ comment: unicode(swarm, 'little'), bigEndian: false })), swarmRead],
    ['SwarmUI, the first versions', () => jpegOf(exifOf({ first: { 272: swarm } })), swarmRead],
    ['Fooocus', () => pngOf({ parameters: JSON.stringify(fooocus), fooocus_scheme: 'fooocus' }), fooocusRead],
    ['Fooocus, JPEG', () => jpegOf(exifOf({ comment: Buffer.from(JSON.stringify(fooocus)) })), fooocusRead],
    [
      'InvokeAI 1',
      () => pngOf({ Dream: '"a fox [ugly]" -s50 -S123 -W512 -H640 -C7.5 -Ak_lms' }),
      { ...invokeRead, sampler: 'k_lms', version: 'InvokeAI', other: {} },
    ],
    [
      'InvokeAI 2',
      () =>
        pngOf({
          Dream: '"a fox [ugly]" -s 50 -S 123',
          'sd-metadata': JSON.stringify({
            model: 'stable diffusion',
            model_weights: 'stable-diffusion-1.5',
            app_version: '2.3.0',
            image: {
              prompt: [{ prompt: 'a fox [ugly]', weight: 1 }],
              steps: 50,
              cfg_scale: 7.5,
              seed: 123,
              width: 512,
              height: 640,
              sampler: 'k_lms',
              postprocessing: null,
            },
          }),
        }),
      { ...invokeRead, sampler: 'k_lms', model: 'stable-diffusion-1.5', version: 'InvokeAI 2.3.0', other: {} },
    ],
    [
      'InvokeAI 4',
      () =>
        pngOf({
          invokeai_metadata: JSON.stringify({
            app_version: '4.2.0',
            positive_prompt: 'a fox',
            negative_prompt: 'ugly',
            seed: 123,
            steps: 50,
            cfg_scale: 7.5,
            scheduler: 'ddim',
            width: 512,
            height: 640,
            model: { key: '1', name: 'dreamshaper', base: 'sd-1' },
            rand_device: 'cpu',
          }),
        }),
      {
        ...invokeRead,
        sampler: 'ddim',
        model: 'dreamshaper',
        version: 'InvokeAI 4.2.0',
        other: { rand_device: 'cpu' },
      },
    ],
    [
      'NovelAI',
      () => pngOf(novelAi({ steps: 28, sampler: 'k_euler_ancestral', seed: 123, scale: 11, uc: 'ugly' })),
      {
        prompt: 'a fox',
        negative: 'ugly',
        steps: 28,
        sampler: 'k_euler_ancestral',
        seed: 123,
        scale: 11,
        model: 'Stable Diffusion 1D44365E',
        version: 'NovelAI',
        other: {},
      },
    ],
    [
      'NovelAI 4',
      () =>
        pngOf(
          novelAi({
            prompt: 'a fox',
            seed: 123,
            uc: 'ugly',
            v4_prompt: { caption: { base_caption: 'a fox', char_captions: [{ char_caption: 'red' }] } },
            v4_negative_prompt: { caption: { base_caption: 'ugly', char_captions: [] } },
          }),
        ),
      {
        prompt: 'a fox, red',
        negative: 'ugly',
        seed: 123,
        model: 'Stable Diffusion 1D44365E',
        version: 'NovelAI',
        other: {},
      },
    ],
    ['Easy Diffusion', () => pngOf(easy), easyRead],
    [
      'Easy Diffusion, JPEG',
      () => jpegOf(exifOf({ comment: unicode(JSON.stringify({ ...easy, use_vae_model: null })) })),
      easyRead,
    ],
    [
      'Draw Things',
      () =>
        pngOf({
          'XML:com.adobe.xmp':
            '<x:xmpmeta><exif:UserComment><rdf:Alt><rdf:li xml:lang="x-default">{&quot;c&quot;:&quot;a fox&quot;,' +
            '&quot;uc&quot;:&quot;ugly&quot;,&quot;seed&quot;:123,&quot;steps&quot;:50,&quot;scale&quot;:7.5,' +
            '&quot;size&quot;:&quot;512x640&quot;}</rdf:li></rdf:Alt></exif:UserComment></x:xmpmeta>',
        }),
      { ...invokeRead, version: 'Draw Things', other: {} },
    ],
    ['ComfyUI', () => pngOf({ prompt: python(COMFY), workflow: '{}' }), comfyRead],
    [
      'ComfyUI, WebP',
      () => jpegOf(exifOf({ first: { 272: `prompt:${python(COMFY)}`, 271: 'workflow:{}' } })),
      comfyRead,
    ],
    [
      'ComfyUI, with ControlNet, a second pass and values from elsewhere',
      () =>
        pngOf({
          prompt: python({
            ...COMFY,
            '3': {
              class_type: 'KSamplerAdvanced',
              inputs: {
                ...COMFY['3'].inputs,
                seed: undefined,
                noise_seed: ['20', 0],
                positive: ['8', 0],
                negative: ['8', 1],
              },
            },
            '8': {
              class_type: 'ControlNetApplyAdvanced',
              inputs: { positive: ['6', 0], negative: ['7', 0], image: ['99', 0] },
            },
            '11': { class_type: 'LatentUpscale', inputs: { samples: ['3', 0], width: 1024, height: 1536 } },
            '12': { class_type: 'KSampler', inputs: { ...COMFY['3'].inputs, latent_image: ['11', 0], denoise: 0.5 } },
            '20': { class_type: 'CR Seed', inputs: { seed: '@18446744073709551615@' } },
            '6': { class_type: 'CLIPTextEncode', inputs: { text: ['21', 0], clip: ['4', 1] } },
            '21': { class_type: 'PrimitiveStringMultiline', inputs: { value: 'a fox' } },
          }),
        }),
      comfyRead,
    ],
  ])('%s', async (_, file, wanted) => {
    expect(await readMetadata(await file())).toEqual(wanted);
  });

  test("a web UI's text beside it takes precedence", async () => {
    expect(
      await readMetadata(await pngOf({ prompt: python(COMFY), parameters: INFOTEXT.replace(' 🦊', '') })),
    ).toMatchObject({
      seed: 42,
      version: 'v1.9.4',
    });
  });

  test.each<[string, Record<string, string>, string | undefined]>([
    ['a graph of two pictures', { prompt: python({ ...COMFY, '30': COMFY['3'] }) }, 'ComfyUI'],
    [
      'a graph that leads in a circle',
      { prompt: python({ ...COMFY, '6': { class_type: 'X', inputs: { a: ['6', 0] } } }) },
      'ComfyUI',
    ],
    [
      'a graph with words from two places',
      {
        prompt: python({
          ...COMFY,
          '6': { class_type: 'Concat', inputs: { a: ['7', 0], b: ['9', 0] } },
          '9': COMFY['6'],
        }),
      },
      'ComfyUI',
    ],
    [
      'a graph too large to be a prompt',
      { prompt: python({ ...COMFY, x: 'x'.repeat(70_000) }), workflow: '{}' },
      'ComfyUI',
    ],
    ['JSON of nobody known', { parameters: '{"what": "a fox", "how": 3}' }, undefined],
    ['JSON that was cut', { parameters: '{"prompt": "a fox", "se' }, undefined],
    [
      'JSON that nests too deep',
      { parameters: `{"sui_image_params": ${'['.repeat(20_000)}${']'.repeat(20_000)}}` },
      undefined,
    ],
    ['words of nobody known', { prompt: 'a fox', seed: '3' }, undefined],
    ['a workflow alone', { workflow: '{"nodes": []}' }, 'ComfyUI'],
    ["InvokeAI's graph alone", { invokeai_graph: '{"nodes": {}}' }, 'InvokeAI'],
    ['a damaged line of InvokeAI', { Dream: 'a fox -s50' }, 'InvokeAI'],
    ['NovelAI without settings', { Software: 'NovelAI', Description: 'a fox' }, 'NovelAI'],
    ['Midjourney', { Description: 'a fox --v 6 Job ID: 0b8d4d2a-0000-4000-8000-000000000000' }, 'Midjourney'],
  ])('%s is another program, and nothing of it is taken for words', async (_, texts, version) => {
    const unread = { prompt: '', negative: '', unread: true, other: {} };
    expect(await readMetadata(await pngOf(texts))).toEqual(version ? { ...unread, version } : unread);
  });
});
