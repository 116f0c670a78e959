import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EMBEDDED_MODEL } from '../../src/engine/embedded-model.js';
import type { Pixels } from '../../src/engine/image/pixels.js';
import type { SamplerName } from '../../src/engine/samplers/table.js';
import { StableDiffusion } from '../../src/engine/stable-diffusion.js';

// Requests in company end as they do alone, to the byte.

const on = { device: 'cpu', threads: 1 } as const;

interface Asked {
  prompt: string;
  negative: string;
  steps: number;
  sampler: SamplerName;
  seed: number;
  scale: number;
  count: number;
  /** Turns of the event loop before it is asked. */
  delay: number;
  /** After which of its steps it is cancelled; never if there are fewer. */
  cancelledAt: number;
  strength: number | null;
}

const asked: fc.Arbitrary<Asked> = fc.record({
  prompt: fc.constantFrom('a red apple', 'a cat', `a house, ${'very '.repeat(40)}old`),
  negative: fc.constantFrom('', 'blue'),
  steps: fc.integer({ min: 1, max: 4 }),
  sampler: fc.constantFrom('ddim', 'euler', 'heun', 'dpmpp_sde', 'plms', 'lcm'),
  seed: fc.nat(1000),
  scale: fc.constantFrom(1, 5, 7.5),
  count: fc.constantFrom(1, 1, 2),
  delay: fc.nat(12),
  cancelledAt: fc.constantFrom(1, 9, 9, 9),
  strength: fc.constantFrom(null, null, 0.7),
});

let alone: StableDiffusion;
let shared: StableDiffusion;
beforeAll(async () => {
  alone = await StableDiffusion.open(EMBEDDED_MODEL, on);
  shared = await StableDiffusion.open(EMBEDDED_MODEL, { ...on, batch: 4 });
});
afterAll(async () => {
  await alone.close();
  await shared.close();
});

/** The pictures' bytes, or that it was cancelled. */
async function paint(sd: StableDiffusion, { delay, cancelledAt, strength, ...request }: Asked) {
  const abort = new AbortController();
  const onProgress = ({ step }: { step: number }) => step === cancelledAt && abort.abort(new Error('cancelled'));
  const options = { signal: abort.signal, onProgress };
  const size = { width: 64, height: 64 };
  try {
    const pictures =
      strength === null
        ? await sd.txt2img({ ...request, ...size }, options)
        : await sd.img2img({ ...request, image: plain, strength }, options);
    return pictures.map(({ pixels, seed }) => ({ data: Buffer.from(pixels.data).toString('base64'), seed }));
  } catch (error) {
    return (error as Error).message;
  }
}

const plain: Pixels = { width: 64, height: 64, data: new Uint8Array(64 * 64 * 3).fill(90) };

async function later(turns: number): Promise<void> {
  for (; turns > 0; turns--) await new Promise(setImmediate);
}

test('whoever comes, whenever, with whatever: each gets the bytes of painting alone', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(asked, { minLength: 2, maxLength: 4 }), async (all) => {
      const together = await Promise.all(
        all.map(async (request) => {
          await later(request.delay);
          return paint(shared, request);
        }),
      );
      for (const [k, request] of all.entries()) expect(together[k]).toEqual(await paint(alone, request));
    }),
    { numRuns: 3 },
  );
});

test('at a size that is no square, four at once are the same as each alone', async () => {
  const [width, height] = [192, 64];
  const requests = Array.from({ length: 4 }, (_, k) => ({
    prompt: ['a fish', 'a red circle', 'a tree'][k % 3]!,
    seed: k,
    steps: 2 + (k % 2),
    sampler: 'ddim' as const,
    width,
    height,
  }));
  const together = await Promise.all(requests.map((request) => shared.txt2img(request)));
  for (const [k, request] of requests.entries()) {
    const [own] = await alone.txt2img(request);
    expect(Buffer.compare(own!.pixels.data, together[k]![0]!.pixels.data)).toBe(0);
  }
});

describe('who paints along with whom', () => {
  /** How many requests are painted at once at most, by their progress. */
  async function most(sd: StableDiffusion, requests: Parameters<StableDiffusion['txt2img']>[0][]): Promise<number> {
    const running = new Set<number>();
    let most = 0;
    await Promise.all(
      requests.map(async (request, k) => {
        const onProgress = () => {
          running.add(k);
          most = Math.max(most, running.size);
        };
        await sd.txt2img({ steps: 2, sampler: 'ddim', seed: k, width: 64, height: 64, ...request }, { onProgress });
        running.delete(k);
      }),
    );
    return most;
  }
  const prompt = 'a cat';

  test('as many as the batch has room for, by pictures', async () => {
    expect(await most(shared, Array(5).fill({ prompt }))).toBe(4);
    expect(await most(shared, Array(3).fill({ prompt, count: 2 }))).toBe(2);
    expect(await most(alone, Array(2).fill({ prompt }))).toBe(1);
  });

  test('sizes and LoRAs of their own keep requests apart', async () => {
    expect(await most(shared, [{ prompt }, { prompt, width: 128 }])).toBe(1);
    await using sd = await StableDiffusion.open(EMBEDDED_MODEL, { ...on, loras: ['test/fixtures/lora'], batch: 4 });
    const tagged = { prompt: `${prompt} <lora:kohya:0.5>`, steps: 8 };
    expect(await most(sd, [{ prompt }, tagged])).toBe(1);
    expect(await most(sd, [tagged, tagged])).toBe(2);
  });

  test('one at a time by default, in int8, and by auto on a processor', async () => {
    for (const options of [{}, { batch: 4, precision: 'int8' as const }, { batch: 'auto' as const }]) {
      await using sd = await StableDiffusion.open(EMBEDDED_MODEL, { ...on, ...options });
      expect(sd.batch).toBe(1);
    }
    expect(shared.batch).toBe(4);
    await expect(StableDiffusion.open(EMBEDDED_MODEL, { ...on, batch: 17 })).rejects.toThrow(
      'batch must be from 1 to 16',
    );
  });
});

test('closing waits for all that are being painted', async () => {
  const sd = await StableDiffusion.open(EMBEDDED_MODEL, { ...on, batch: 4 });
  const painting = [1, 2, 3].map((seed) => sd.txt2img({ prompt: 'a cat', steps: 2, seed, width: 64, height: 64 }));
  await sd.close();
  expect((await Promise.all(painting)).flat()).toHaveLength(3);
});
