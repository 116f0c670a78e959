import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EMBEDDED_MODEL } from '../../../src/engine/embedded-model.js';
import { RequestError } from '../../../src/engine/errors.js';
import { parametersText } from '../../../src/engine/image/metadata/infotext.js';
import { TorchGenerator } from '../../../src/engine/random/torch.js';
import { StableDiffusion } from '../../../src/engine/stable-diffusion.js';
import { embedded, latentShape } from '../../embedded.js';

// What a picture is made of, one by one: embeddings, latents, the decoder's numbers; and what is each picture's own.

const size = { width: 64, height: 64 };
const asked = { prompt: 'a red apple', negative: 'blue', seed: 7, ...size, steps: 2, sampler: 'ddim' as const };

let sd: StableDiffusion;
beforeAll(async () => {
  const options = { device: 'cpu', threads: 1, loras: ['test/fixtures/lora'] } as const;
  sd = await StableDiffusion.open(EMBEDDED_MODEL, options);
});
afterAll(() => sd.close());

describe('embeddings', () => {
  const { prompt, negative, ...rest } = asked;

  test('of a prompt paint what the prompt paints, byte for byte', async () => {
    const [words] = await sd.txt2img(asked);
    const encoded = await sd.encodePrompt({ prompt, negative });
    expect(encoded.promptEmbeddings.shape).toEqual([1, 32, 192]);
    const [alone] = await sd.txt2img({ ...encoded, ...rest });
    expect(alone!.pixels.data).toEqual(words!.pixels.data);
    expect(alone!.parameters.prompt).toBe('');
    const [named] = await sd.txt2img({ ...encoded, ...asked });
    expect(named!.pixels.data).toEqual(words!.pixels.data);
    expect(parametersText(named!.parameters)).toBe(parametersText(words!.parameters));
  });

  test('of long and stressed prompts, several of them, and of only one of the two', async () => {
    const prompts = [`(a cat:1.2), ${'very '.repeat(40)}old`, 'a dog'];
    const words = await sd.txt2img({ ...rest, prompt: prompts, negative });
    const encoded = await sd.encodePrompt({ prompt: prompts, negative });
    expect(encoded.promptEmbeddings.shape).toEqual([2, 64, 192]);
    for (const given of [encoded, { ...encoded, negativeEmbeddings: undefined, negative }]) {
      const pictures = await sd.txt2img({ ...rest, ...given });
      expect(pictures.map(({ pixels }) => pixels.data)).toEqual(words.map(({ pixels }) => pixels.data));
    }
    const [short] = await sd.txt2img({
      ...asked,
      negativeEmbeddings: (await sd.encodePrompt(asked)).negativeEmbeddings,
    });
    expect(short!.pixels.data).toEqual((await sd.txt2img(asked))[0]!.pixels.data);
  });

  test('with a LoRA, whose prompt stands beside them', async () => {
    const tagged = { ...asked, prompt: 'a red apple <lora:kohya:0.8>' };
    const [words] = await sd.txt2img(tagged);
    const [given] = await sd.txt2img({ ...(await sd.encodePrompt(tagged)), ...tagged });
    expect(given!.pixels.data).toEqual(words!.pixels.data);
    expect(given!.pixels.data).not.toEqual((await sd.txt2img(asked))[0]!.pixels.data);
  });

  test.each([
    [{ prompt: 'a cat AND a dog' }, /prompt joins several with AND/],
    [{ prompt: 'a [cat:dog:0.5]' }, /has words that change while a picture is painted/],
    [{ negative: '[blue|green]', prompt: 'a cat' }, /has words that change/],
    [{ prompt: 5 as never }, /prompt must be a text/],
    [{} as never, /prompt must be a text, or a list of 1 to 64 texts, got undefined/],
  ])('cannot be made of %j', async (words, message) => {
    await expect(sd.encodePrompt(words)).rejects.toThrow(message);
  });

  test('of another model, or that do not fit each other, are refused', async () => {
    const of = (...shape: number[]) => ({ data: new Float32Array(shape.reduce((a, b) => a * b, 1)), shape });
    const painting = (given: object) => sd.txt2img({ ...rest, ...given });
    const embeddings = of(1, 32, 192);
    await expect(painting({ promptEmbeddings: of(1, 77, 768) })).rejects.toThrow(
      'promptEmbeddings must have the shape [1 or pictures, tokens, 192], got "[1, 77, 768]"',
    );
    await expect(painting({ promptEmbeddings: { ...embeddings, data: [1] } })).rejects.toThrow(
      /promptEmbeddings must be a tensor, .* got \{ data: \[1\], shape: \[1, 32, 192\] \}/,
    );
    await expect(painting({ promptEmbeddings: embeddings, negativeEmbeddings: of(1, 64, 192) })).rejects.toThrow(
      /negativeEmbeddings has 64 tokens and promptEmbeddings 32/,
    );
    await expect(painting({ promptEmbeddings: embeddings, negative: 'very '.repeat(40) })).rejects.toThrow(
      /has 32 tokens, but the text beside it takes 64/,
    );
    await expect(painting({ promptEmbeddings: of(2, 32, 192), count: 3 })).rejects.toThrow(
      /count is 3 but there are 2 rows of promptEmbeddings/,
    );
    embeddings.data[5] = Number.NaN;
    await expect(painting({ promptEmbeddings: embeddings })).rejects.toThrow('promptEmbeddings holds NaN or infinity.');
    await expect(painting({})).rejects.toBeInstanceOf(RequestError);
  });
});

describe('latents', () => {
  test('are given beside the pixels or alone, and decode to the same picture', async () => {
    const [picture] = await sd.txt2img(asked);
    const [alone] = await sd.txt2img({ ...asked, output: 'latents' });
    expect(alone!.latents).toEqual(picture!.latents);
    expect(parametersText(alone!.parameters)).toBe(parametersText(picture!.parameters));
    expect(alone).not.toHaveProperty('pixels');
    expect(await sd.decode(alone!.latents)).toEqual([picture!.pixels]);
  });

  test('of a seamless tile are decoded as one', async () => {
    const [tile] = await sd.txt2img({ ...asked, tile: 'both' });
    expect(await sd.decode(tile!.latents, { tile: 'both' })).toEqual([tile!.pixels]);
    expect(await sd.decode(tile!.latents)).not.toEqual([tile!.pixels]);
  });

  test('start another request: noise for txt2img, a picture for img2img', async () => {
    const data = new TorchGenerator(7).randn(256);
    const { seed: _, ...seedless } = asked;
    const [given] = await sd.txt2img({ ...seedless, latents: { data, shape: latentShape(64) } });
    const [seeded] = await sd.txt2img(asked);
    expect(given!.pixels.data).toEqual(seeded!.pixels.data);

    const image = seeded!.pixels;
    const latents = await sd.encode(image, 2, new TorchGenerator(1));
    const { width: __, height: ___, ...common } = asked;
    const again = { ...common, count: 2, strength: 0.5, latents };
    const [with_, without] = [await sd.img2img({ ...again, image }), await sd.img2img(again)];
    expect(without.map(({ pixels }) => pixels)).toEqual(with_.map(({ pixels }) => pixels));
    const [one] = await sd.txt2img({ ...asked, output: 'latents' });
    const pictures = await sd.img2img({ ...common, count: 2, strength: 0.5, latents: one!.latents });
    expect(pictures).toHaveLength(2);
  });

  test('that are none, or of another size, are refused', async () => {
    const wrong = { data: new Float32Array(4), shape: [1, 1, 2, 2] };
    await expect(sd.decode(wrong)).rejects.toThrow(
      `latents must have the shape [pictures, ${embedded.latentChannels}, height, width], sides being multiples of 4; got [1, 1, 2, 2].`,
    );
    await expect(sd.decode(undefined as never)).rejects.toThrow(/got undefined/);
    await expect(sd.decode({ data: new Float32Array(3), shape: latentShape(64) })).rejects.toThrow(/has 3 numbers/);
    const endless = new Float32Array(256).fill(Number.POSITIVE_INFINITY);
    await expect(sd.decode({ data: endless, shape: latentShape(64) })).rejects.toThrow('latents hold NaN or infinity.');
    await expect(sd.txt2img({ ...asked, latents: endless })).rejects.toThrow('latents hold NaN or infinity.');
    await expect(sd.img2img({ prompt: 'a cat' })).rejects.toThrow('image or latents must be given');
  });
});

test("the decoder's numbers are the picture before it becomes bytes", async () => {
  const [picture] = await sd.txt2img({ ...asked, output: 'tensor' });
  const { data, shape } = picture!.tensor;
  expect(shape).toEqual([1, 3, 64, 64]);
  const bytes = picture!.pixels.data.map((_, i) => Math.trunc(data[(i % 3) * 4096 + Math.floor(i / 3)]! * 255));
  expect(bytes).toEqual(picture!.pixels.data);
  const blank = await sd.inpaint({
    prompt: 'a cat',
    image: picture!.pixels,
    mask: { ...size, data: new Uint8Array(64 * 64 * 3).fill(255) },
    output: 'tensor',
    steps: 2,
  });
  expect(blank[0]!.tensor.shape).toEqual([1, 3, 64, 64]);
});

describe('lists', () => {
  test('of seeds and negative prompts paint what each paints alone', async () => {
    const seeds = [5, 900, 5];
    const negatives = ['', 'blue', 'red'];
    const pictures = await sd.txt2img({ ...asked, seed: seeds, negative: negatives });
    expect(pictures.map(({ seed }) => seed)).toEqual(seeds);
    for (const [k, { pixels, parameters }] of pictures.entries()) {
      const [alone] = await sd.txt2img({ ...asked, seed: seeds[k], negative: negatives[k] });
      expect(Buffer.compare(pixels.data, alone!.pixels.data)).toBe(0);
      expect(parametersText(parameters)).toBe(parametersText(alone!.parameters));
    }
  });

  test.each([
    [{ seed: [1, 2], count: 3 }, /count is 3 but there are 2 seeds/],
    [{ seed: [1, 2], negative: ['a', 'b', 'c'] }, /seeds are 2, but there are 3 negative prompts/],
    [{ seed: [1, 2 ** 32] }, /seed\[1\] must be from 0 to 4294967295/],
    [{ seed: [] }, /seed must be a list of 1 to 64, got \[\]/],
    [{ negative: ['a', 3 as never] }, /negative must be a text, or a list of 1 to 64 texts/],
  ])('%j is refused', async (wrong, message) => {
    await expect(sd.txt2img({ ...asked, ...wrong })).rejects.toThrow(message);
  });
});
