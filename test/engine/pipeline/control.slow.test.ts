import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Pixels } from '../../../src/engine/image/pixels.js';
import type { Tensor } from '../../../src/engine/networks.js';
import type { OpenOptions } from '../../../src/engine/open-options.js';
import { TorchGenerator } from '../../../src/engine/random/torch.js';
import type { ControlNetworks } from '../../../src/engine/runtime/control-networks.js';
import { StableDiffusion } from '../../../src/engine/stable-diffusion.js';
import { oracle, secondOracle } from '../../oracle.js';

const image: Pixels = {
  width: 40,
  height: 30,
  data: Uint8Array.from({ length: 40 * 30 * 3 }, (_, k) => (k * k) % 256),
};
const request = { prompt: 'a red apple', width: 64, height: 64, steps: 4, seed: 3, count: 2 };
const open = (more: OpenOptions = {}) =>
  StableDiffusion.open(oracle('ckpt/nano/nano-ema-only.safetensors'), {
    ...{ device: 'cpu', precision: 'full', config: oracle('ckpt/nano/v1-nano.yaml'), useEma: true, ...more },
  });
const path = secondOracle('controlnet/ckpt/control_nano_diffusers');

describe('a picture steered by another', () => {
  let sd: StableDiffusion;
  let net: ControlNetworks;
  let plain: Uint8Array[];
  let steered: Uint8Array[];
  beforeAll(async () => {
    sd = await open();
    net = await sd.openControlNet(path);
    plain = (await sd.txt2img(request)).map(({ pixels }) => pixels.data);
    steered = (await sd.txt2img({ ...request, controls: [{ net, image }] })).map(({ pixels }) => pixels.data);
  });
  afterAll(() => sd.close());

  test('is what it would be alone when others are painted at the same time', async () => {
    await using shared = await open({ batch: 4 });
    const controls = [{ net: await shared.openControlNet(path), image }];
    const painting = [{}, { controls }, { controls }, {}].map((own) => shared.txt2img({ ...request, ...own }));
    const all = (await Promise.all(painting)).map((pictures) => pictures.map(({ pixels }) => pixels.data));
    expect(all).toEqual([plain, steered, steered, plain]);
  });

  test('hears prompts of any length, and is painted with every shortcut', async () => {
    const long = { ...request, prompt: 'a red apple '.repeat(60), count: 1 };
    const pictures = [
      await sd.txt2img(long),
      await sd.txt2img({ ...long, controls: [{ net, image, guess: true }] }),
      await sd.txt2img({ ...long, controls: [{ net, image }], kvSubsampling: true }),
      await sd.txt2img({ ...long, controls: [{ net, image }], steps: 16, cacheInterval: 3 }),
      await sd.txt2img({ ...long, controls: [{ net, image }], scale: 1 }),
    ];
    const different = new Set(pictures.map(([picture]) => Buffer.from(picture!.pixels.data).toString('base64')));
    expect(different.size).toBe(pictures.length);
  });

  test('a ControlNet that was released is not kept, is not used, and harms nothing else', async () => {
    await using other = await open();
    const [first, second] = [await other.openControlNet(path), await other.openControlNet(path)];
    await first.release();
    await first.release();
    await expect(other.txt2img({ ...request, controls: [{ net: first, image }] })).rejects.toThrow(
      /was released: open it again/,
    );
    const [got] = await other.txt2img({ ...request, controls: [{ net: second, image }] });
    expect(got!.pixels.data).toEqual(steered[0]);
    await other.close();
    await expect(second.hint({ data: new Float32Array(3), shape: [1, 3, 1, 1] })).rejects.toThrow(/was released/);
  });

  test('in int8 a ControlNet finds nearly the same, and says so of its memory', async () => {
    await using other = await open({ precision: 'int8' });
    const small = await other.openControlNet(path);
    const random = new TorchGenerator(1);
    const noise = (...shape: number[]): Tensor => ({ data: random.randn(shape.reduce((a, b) => a * b)), shape });
    const [latents, context] = [noise(2, 4, 8, 16), noise(2, 77, 8)];
    const picture = { data: noise(1, 3, 64, 128).data.map(Math.abs), shape: [1, 3, 64, 128] };
    const found = async (from: ControlNetworks) =>
      from.residuals(latents, Float32Array.of(500, 500), context, await from.hint(picture));
    expect(small.bytesToCome).toBeGreaterThan(0);
    const [exact, near] = [await found(net), await found(small)];
    expect(Object.keys(near)).toEqual(Object.keys(exact));
    for (const [name, { data, shape }] of Object.entries(exact)) {
      expect(near[name]!.shape).toEqual(shape);
      const [off, size] = data.reduce(
        ([difference, squares], value, k) => [difference + (near[name]!.data[k]! - value) ** 2, squares + value ** 2],
        [0, 0],
      );
      expect(Math.sqrt(off / size), name).toBeLessThan(0.1);
    }
    expect(small.bytesToCome).toBe(0);
  });
});
