import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { RequestError } from '../../../src/engine/errors.js';
import { findLora } from '../../../src/engine/lora/find.js';
import { onnxRuntime } from '../../../src/engine/runtime/native.js';
import { StableDiffusion } from '../../../src/engine/stable-diffusion.js';

const FOLDERS = ['test/fixtures/lora'];

describe('a LoRA named in the prompt', () => {
  let sd: StableDiffusion;
  beforeAll(async () => {
    sd = await StableDiffusion.open('models/easel-128', { loras: FOLDERS, device: 'cpu' });
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
    // Text encoder, noise predictor, and the one that multiplies.
    expect(create).toHaveBeenCalledTimes(3);
    await paint('a cat');
    expect(create).toHaveBeenCalledTimes(5);
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

  test('without any file says where to put one', async () => {
    await expect(findLora('x', [join(folder, 'empty')])).rejects.toThrow(/Put its file into .*empty/);
  });
});
