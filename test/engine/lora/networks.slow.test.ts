import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { EMBEDDED_MODEL } from '../../../src/engine/embedded-model.js';
import { RequestError } from '../../../src/engine/errors.js';
import { availableLoras, findLora } from '../../../src/engine/lora/find.js';
import { onnxRuntime } from '../../../src/engine/runtime/native.js';
import { StableDiffusion } from '../../../src/engine/stable-diffusion.js';
import { float32, takeApart, writeSafetensors } from '../checkpoint/write-safetensors.js';

const FOLDERS = ['test/fixtures/lora'];

describe('a LoRA named in the prompt', () => {
  let sd: StableDiffusion;
  beforeAll(async () => {
    // In this thread, so that its sessions can be counted.
    sd = await StableDiffusion.open(EMBEDDED_MODEL, { loras: FOLDERS, device: 'cpu', worker: false });
  });
  afterAll(() => sd.close());

  async function paint(
    prompt: string,
    syntax: 'plain' | 'weighted' = 'weighted',
  ): Promise<{ data: Uint8Array; notices: string[] }> {
    const notices: string[] = [];
    const request = { prompt, syntax, seed: 7, steps: 2 };
    const [picture] = await sd.txt2img(request, { onNotice: (notice) => notices.push(notice) });
    return { data: picture!.pixels.data, notices };
  }

  test('changes the picture, more with more weight, and only while it is named', async () => {
    const without = await paint('a cat');
    const slight = await paint('a cat <lora:kohya:0.05>');
    const strong = await paint('a cat <lora:kohya:0.5>');
    const difference = (data: Uint8Array) =>
      data.reduce((sum, value, k) => sum + Math.abs(value - without.data[k]!), 0);
    expect(difference(slight.data)).toBeGreaterThan(0);
    expect(difference(strong.data)).toBeGreaterThan(difference(slight.data));
    expect((await paint('a cat')).data).toEqual(without.data);
  });

  test('comes and goes with the sessions that it changes: the autoencoder keeps its own, and the device is not tried again', async () => {
    const { InferenceSession } = await onnxRuntime();
    await paint('a cat');
    using create = vi.spyOn(InferenceSession, 'create');
    await paint('a cat <lora:kohya:0.3>');
    // Text encoder, the prompt's keys and values, noise predictor, and the one that multiplies.
    expect(create).toHaveBeenCalledTimes(4);
    await paint('a cat');
    expect(create).toHaveBeenCalledTimes(7);
  });

  test('of weight 0 changes nothing', async () => {
    expect((await paint('a cat <lora:kohya:0>')).data).toEqual((await paint('a cat')).data);
  });

  test('named twice adds up', async () => {
    const twice = await paint('a cat <lora:kohya:0.2><lora:kohya:0.3>');
    expect(twice.data).toEqual((await paint('a cat <lora:kohya:0.5>')).data);
  });

  test('named by two prompts of a batch counts once', async () => {
    const request = { seed: 7, steps: 2 };
    const prompts = ['a cat <lora:kohya:0.5>', 'a dog <lora:kohya:0.5>'];
    const [cat] = await sd.txt2img({ prompt: prompts, ...request });
    const [other] = await sd.txt2img({ prompt: ['a cat <lora:kohya:0.5>', 'a dog'], ...request });
    expect(cat!.pixels.data).toEqual(other!.pixels.data);
  });

  test('has a weight for the text encoder and one for the UNet', async () => {
    const [both, text, unet, none] = [
      await paint('a cat <lora:kohya:0.5>'),
      await paint('a cat <lora:kohya:te=0.5:unet=0>'),
      await paint('a cat <lora:kohya:0:0.5>'),
      await paint('a cat'),
    ];
    expect(new Set([both, text, unet, none].map(({ data }) => Buffer.from(data).toString('base64'))).size).toBe(4);
  });

  test('several act together', async () => {
    const both = await paint('a cat <lora:kohya:0.3> <lora:lokr:0.1>');
    expect(both.data).not.toEqual((await paint('a cat <lora:kohya:0.3>')).data);
    expect((await paint('a cat <lora:lokr:0.1> <lora:kohya:0.3>')).data).toEqual(both.data);
  });

  test('is used without what its tag says for other programs, with a notice each time', async () => {
    const plain = await paint('a cat <lora:kohya:0.5>');
    for (let time = 0; time < 2; time++) {
      const marked = await paint('a cat <lora:kohya:0.5:0.5:lbw=IN02>');
      expect(marked.data).toEqual(plain.data);
      expect(marked.notices).toContainEqual(expect.stringMatching(/^"lbw=IN02" in "<lora:kohya.* was ignored/));
    }
  });

  test('says each time what of it does not fit', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'easel-half-'));
    await using half = await StableDiffusion.open(EMBEDDED_MODEL, { loras: [folder], device: 'cpu' });
    const bytes = await readFile('test/fixtures/lora/kohya.safetensors', 'latin1');
    await writeFile(join(folder, 'half.safetensors'), bytes.replaceAll('lora_unet_', 'lora_xnet_'), 'latin1');
    for (let time = 0; time < 2; time++) {
      const notices: string[] = [];
      const request = { prompt: 'a cat <lora:half:1>', syntax: 'weighted', seed: 7, steps: 1 } as const;
      await half.txt2img(request, { onNotice: (notice) => notices.push(notice) });
      expect(notices).toContainEqual(expect.stringMatching(/3 of 4 modules are not in this model/));
    }
    await rm(folder, { recursive: true });
  });

  test('brings embeddings, which are words while it is named', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'easel-bundle-'));
    await using bundle = await StableDiffusion.open(EMBEDDED_MODEL, { loras: [folder], device: 'cpu' });
    const tensors = await takeApart('test/fixtures/lora/kohya.safetensors');
    const vectors = Float32Array.from({ length: 2 * 192 }, (_, k) => Math.sin(k));
    tensors.set('bundle_emb.mything.string_to_param.*', float32([2, 192], vectors));
    await writeSafetensors(join(folder, 'bundle.safetensors'), tensors);
    const painted = async (prompt: string) => {
      const request = { prompt, syntax: 'weighted', seed: 7, steps: 1 } as const;
      const [picture] = await bundle.txt2img(request);
      return picture!.pixels.data;
    };
    const [plain, learned, again] = [
      await painted('a cat <lora:bundle:0.5> mything'),
      await painted('a cat <lora:bundle:0.5> my thing'),
      await painted('a cat <lora:bundle:0.5> mything'),
    ];
    expect(again).toEqual(plain);
    expect(learned).not.toEqual(plain);
    // The same word without the LoRA, and with a LoRA that has no such word, is letters.
    await writeSafetensors(join(folder, 'other.safetensors'), await takeApart('test/fixtures/lora/kohya.safetensors'));
    expect(await painted('a cat <lora:other:0.5> mything')).not.toEqual(plain);
    await rm(folder, { recursive: true });
  });

  test('is only text in the plain syntax', async () => {
    await expect(paint('a cat <lora:no-such:1>', 'plain')).resolves.toBeDefined();
  });

  test('that is not there is refused with the names of those that are; the next prompt works', async () => {
    await expect(paint('a cat <lora:no-such:1>')).rejects.toThrow(/no LoRA "no-such"\. There are: .*kohya, .*tucker\./);
    await expect(paint('a cat <lora:kohya:0.3>')).resolves.toBeDefined();
  });
});

describe('finding', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'easel-loras-'));
    await writeFile(join(folder, 'outside.safetensors'), '');
  });
  afterAll(() => rm(folder, { recursive: true }));

  test('takes the name with or without extension', async () => {
    expect(await findLora('kohya', FOLDERS)).toMatch(/kohya\.safetensors$/);
    expect(await findLora('kohya.safetensors', FOLDERS)).toMatch(/kohya\.safetensors$/);
  });

  test.each(['../outside', 'outside.safetensors', '/etc/passwd', '__proto__', ''])(
    '"%s" does not lead out of the folder',
    async (name) => {
      await expect(findLora(name, ['test/fixtures/lora'])).rejects.toThrow(RequestError);
    },
  );

  test('each that is on the list is found by that name', async () => {
    const listed = await availableLoras(FOLDERS);
    expect(listed.map(({ name }) => name)).toContain('kohya');
    for (const { name, path } of listed) expect(await findLora(name, FOLDERS)).toBe(path);
  });

  test('takes a file whose extension is in capitals', async () => {
    const shouted = join(folder, 'shouted');
    await mkdir(shouted);
    await copyFile('test/fixtures/lora/lokr.safetensors', join(shouted, 'X.SAFETENSORS'));
    expect(await findLora('X', [shouted])).toBe(join(shouted, 'X.SAFETENSORS'));
    await expect(findLora('Y', [shouted])).rejects.toThrow('There are: X.');
  });

  test("takes a folder's name where PEFT or diffusers named the file", async () => {
    const named = join(folder, 'named');
    for (const [inside, file] of [
      ['peft', 'adapter_model.safetensors'],
      ['cats', 'pytorch_lora_weights.safetensors'],
    ] as const) {
      await mkdir(join(named, inside), { recursive: true });
      await copyFile('test/fixtures/lora/lokr.safetensors', join(named, inside, file));
      expect(await findLora(inside, [named])).toBe(join(named, inside, file));
    }
    await expect(findLora('dogs', [named])).rejects.toThrow('There are: cats, peft.');
  });

  test('takes the alias that its trainer wrote into it, after file names, and of several the last epoch', async () => {
    const aliased = join(folder, 'aliased');
    await mkdir(aliased);
    const tensors = await takeApart('test/fixtures/lora/lokr.safetensors');
    const write = (name: string, alias: string) =>
      writeSafetensors(join(aliased, `${name}.safetensors`), tensors, { ss_output_name: alias });
    await write('one-2', 'My Alias');
    await write('one-10', 'My Alias');
    await write('b', 'a');
    await write('a', 'None');
    await writeFile(join(aliased, 'damaged.safetensors'), 'x');
    expect(await findLora('My Alias', [aliased])).toBe(join(aliased, 'one-10.safetensors'));
    expect(await findLora('a', [aliased])).toBe(join(aliased, 'a.safetensors'));
    await expect(findLora('None', [aliased])).rejects.toThrow(/There is no LoRA "None"/);
    await write('one-10', 'Another');
    expect(await findLora('My Alias', [aliased])).toBe(join(aliased, 'one-2.safetensors'));
  });

  test('without any file says where to put one', async () => {
    await expect(findLora('x', [join(folder, 'empty')])).rejects.toThrow(/There is no LoRA "x"\. None is installed/);
  });
});
