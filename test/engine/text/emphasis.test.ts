import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openModel } from '../../../src/engine/checkpoint/open.js';
import { EMBEDDED_MODEL } from '../../../src/engine/embedded-model.js';
import type { Networks, Tensor } from '../../../src/engine/networks.js';
import { networksOn } from '../../../src/engine/runtime/open.js';
import { StableDiffusion } from '../../../src/engine/stable-diffusion.js';
import { Conditioner } from '../../../src/engine/text/conditioning.js';

const ask = { negatives: [''], scale: 1, syntax: 'weighted', clipSkip: 1, pass: { calls: 1 } } as const;

/** Encodes each text once: whatever the weights are, they multiply the same numbers. */
function once(networks: Networks): Networks {
  const encoded = new Map<string, Promise<Tensor>>();
  const encodeText: Networks['encodeText'] = async (ids, ...more) => {
    const key = ids.join();
    if (!encoded.has(key)) encoded.set(key, networks.encodeText(ids, ...more));
    const { data, shape } = await encoded.get(key)!;
    return { data: data.slice(), shape };
  };
  return { encodeText } satisfies Partial<Networks> as unknown as Networks;
}

describe('the embedded model, whose means are near 0', () => {
  let networks: Networks;
  let conditioner: Conditioner;
  let things: readonly string[];
  beforeAll(async () => {
    const model = await openModel(EMBEDDED_MODEL);
    networks = networksOn('cpu', model, { threads: 1 });
    conditioner = await Conditioner.open(model, once(networks));
    things = model.card.knows!;
  });
  afterAll(() => networks.close());

  /** What the begin token, whose weight is 1, was multiplied by in each prompt. */
  async function factors(write: (thing: string) => string): Promise<number[]> {
    const first = async (prompts: string[]) => {
      const { cond } = await (await conditioner.condition({ ...ask, prompts })).at(0);
      const row = cond.data.length / prompts.length;
      return prompts.map((_, k) => cond.data[k * row]!);
    };
    const plain = await first(things.map((thing) => write(thing).replace(/[()]|:-?[\d.]+/g, '')));
    const weighted = await first(things.map(write));
    return weighted.map((value, k) => value / plain[k]!);
  }

  test.each([2, 1.3, 1.1, 0.5, 0, -1])('keeps its strength with each of its things at %d', async (weight) => {
    const all = await factors((thing) => `a (${thing}:${weight}) on a light blue background`);
    expect(all.length).toBeGreaterThan(400);
    expect(Math.min(...all)).toBeGreaterThan(0.6);
    expect(Math.max(...all)).toBeLessThan(1 / 0.6);
  });

  test('keeps its strength when all words are turned down', async () => {
    const all = await factors((thing) => `(a ${thing}, a castle, a red apple, a cat and a pizza, a dog, a rocket:0)`);
    expect(Math.max(...all)).toBeLessThanOrEqual(2.001);
  });

  test('still paints an avocado when it is emphasized', async () => {
    await using sd = await StableDiffusion.open(EMBEDDED_MODEL, { device: 'cpu' });
    const paint = async (prompt: string) => {
      const [picture] = await sd.txt2img({ prompt, seed: 7, steps: 12 });
      return picture!.pixels.data;
    };
    const plain = await paint('an avocado on a light blue background');
    const stressed = await paint('an (avocado:1.3) on a light blue background');
    const difference = plain.reduce((sum, byte, i) => sum + Math.abs(byte - stressed[i]!), 0) / plain.length;
    // With the mean restored, which multiplies by -54, it was 111.
    expect(difference).toBeLessThan(10);
  });
});

describe('a text encoder whose tokens have about the same mean, as that of SD v1', () => {
  const WIDTH = 16;
  /** Embeddings with a mean of about -0.1 a token, up to a fifth more or less, among values of about 1. */
  const networks = {
    async encodeText(ids: Int32Array, rows: number) {
      const data = new Float32Array(ids.length * WIDTH);
      for (let i = 0; i < data.length; i++) {
        const token = Math.floor(i / WIDTH);
        const mean = -0.1 * (1 + 0.2 * Math.sin(token * 7 + ids[token]!));
        data[i] = mean + (i % 2 ? 1 : -1) * (1 + ((i % WIDTH) >> 1) / WIDTH);
      }
      return { data, shape: [rows, ids.length / rows, WIDTH] };
    },
  } satisfies Partial<Networks> as unknown as Networks;

  test.each([
    'a (cat:1.3) on a mat',
    'a cat, (((masterpiece))), (best quality:1.4), [blurry], on a mat',
    `(${'word '.repeat(70)}:1.5)`,
    `(${'word '.repeat(40)}:2) and ${'word '.repeat(20)}`,
  ])('keeps its mean, as AUTOMATIC1111 does: %s', async (prompt) => {
    const model = await openModel(EMBEDDED_MODEL);
    const conditioner = await Conditioner.open({ ...model, maxTokens: 77 }, networks);
    const mean = async (text: string) => {
      const { cond } = await (await conditioner.condition({ ...ask, prompts: [text] })).at(0);
      return cond.data.reduce((sum, value) => sum + value, 0) / cond.data.length;
    };
    expect((await mean(prompt)) / (await mean(prompt.replace(/[()[\]]|:[\d.]+/g, '')))).toBeCloseTo(1, 3);
  });
});
