import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EMBEDDED_MODEL, StableDiffusion } from '../../../src/engine/index.js';
import type { Txt2ImgRequest } from '../../../src/engine/pipeline/request.js';

describe('words that change, and AND, in whole pictures', () => {
  let sd: StableDiffusion;
  beforeAll(async () => {
    sd = await StableDiffusion.open(EMBEDDED_MODEL, { device: 'cpu' });
  });
  afterAll(() => sd.close());

  const paint = async (prompt: string | string[], over: Partial<Txt2ImgRequest> = {}) => {
    const pictures = await sd.txt2img({ prompt, seed: 5, steps: 4, sampler: 'euler', width: 64, height: 64, ...over });
    return pictures.map(({ pixels }) => Buffer.from(pixels.data).toString('base64'));
  };

  test('a change before the first step, and one after the last, leave the one text', async () => {
    const [apple, bird] = [await paint('a red apple'), await paint('a blue bird')];
    expect(await paint('[a blue bird:a red apple:0]')).toEqual(apple);
    expect(await paint('[a red apple:a blue bird:4]')).toEqual(apple);
    const changed = await paint('[a red apple:a blue bird:0.25]');
    expect(changed).not.toEqual(apple);
    expect(changed).not.toEqual(bird);
  });

  test('a sampler that asks twice a step counts both, and one that leaves calls out counts them', async () => {
    const heun = { sampler: 'heun' } as const;
    expect(await paint('[a red apple:a blue bird:6]', heun)).toEqual(await paint('a red apple', heun));
    expect(await paint('[a red apple:a blue bird:4]', heun)).not.toEqual(await paint('a red apple', heun));
    // Steps 0, 1, 2, 3, 6, 9, 12 and 15 are run: call 8, which is left out, comes after 6 and before 9.
    const cached = { steps: 16, cacheInterval: 3 };
    const changed = await paint('[a red apple:a blue bird:8]', cached);
    expect(changed).toEqual(await paint('[a red apple:a blue bird:6]', cached));
    expect(changed).not.toEqual(await paint('[a red apple:a blue bird:5]', cached));
    expect(changed).not.toEqual(await paint('a red apple', cached));
  });

  test('what AND joins paints in a batch what it paints alone', async () => {
    const prompts = ['a red apple :1.1 AND a blue bird :0.6', 'a blue bird', '[a red apple|a blue bird]'];
    const together = await paint(prompts);
    for (const [k, prompt] of prompts.entries()) expect([together[k]]).toEqual(await paint(prompt, { seed: 5 + k }));
    expect(await paint('a red apple AND a blue bird :0')).toEqual(await paint('a red apple'));
  });

  test('the prompt is kept as it was typed', async () => {
    const prompt = '[a red apple:a blue bird:0.5] AND a red apple :0.3';
    const [picture] = await sd.txt2img({ prompt, seed: 5, steps: 2, width: 64, height: 64 });
    expect(picture!.parameters.prompt).toBe(prompt);
  });

  test('enlarging is a second pass: what changes in the first has changed', async () => {
    const [picture] = await sd.txt2img({ prompt: 'a red apple', seed: 5, steps: 2, width: 64, height: 64 });
    const enlarge = async (prompt: string) => {
      const [large] = await sd.upscale({ image: picture!.pixels, prompt, seed: 5, steps: 6, factor: 1 });
      return Buffer.from(large!.pixels.data).toString('base64');
    };
    expect(await enlarge('[a red apple:a blue bird:0.5]')).toBe(await enlarge('a blue bird'));
  });
});
