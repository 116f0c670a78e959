import { expect, test } from 'vitest';
import { EMBEDDED_MODEL } from '../../../src/engine/embedded-model.js';
import { RequestError } from '../../../src/engine/errors.js';
import type { Pixels } from '../../../src/engine/image/pixels.js';
import type { Engine } from '../../../src/engine/pipeline/engine.js';
import { requireRoom } from '../../../src/engine/pipeline/require-room.js';
import type { ControlNetworks } from '../../../src/engine/runtime/control-networks.js';
import { StableDiffusion } from '../../../src/engine/stable-diffusion.js';
import { embedded } from '../../embedded.js';

const MB = 2 ** 20;
/** Pixels of 256 latents. */
const LARGE = 256 * embedded.downsampling;
const open = (megabytes: number) => StableDiffusion.open(EMBEDDED_MODEL, { freeMemory: () => megabytes * MB });
const picture = (side: number): Pixels => ({ width: side, height: side, data: new Uint8Array(side * side * 3) });
const request = { prompt: 'a red apple', seed: 1, steps: 2 };

test('a picture too large for the memory is refused before any work, with the size that would go', async () => {
  await using sd = await open(700);
  const steps: number[] = [];
  const painting = sd.txt2img(
    { ...request, width: LARGE, height: LARGE / 2 },
    { onProgress: ({ step }) => void steps.push(step) },
  );
  const refused = await painting.catch((error: unknown) => error as RequestError);
  expect(refused).toBeInstanceOf(RequestError);
  const { message, meaning } = refused as RequestError;
  expect(message).toMatch(
    new RegExp(`^${LARGE}x${LARGE / 2} takes \\d\\.\\d GB of memory, and 600 MB are free: (\\d+)x(\\d+) would go\\.$`),
  );
  const { fitWidth, fitHeight } = meaning.values as Record<string, number>;
  expect(fitWidth! / fitHeight!).toBeCloseTo(2, 0);
  expect(steps).toEqual([]);

  // So does everything that starts from a picture.
  const image = picture(LARGE);
  await expect(sd.img2img({ ...request, image })).rejects.toThrow(/would go/);
  await expect(sd.inpaint({ ...request, image, mask: picture(LARGE) })).rejects.toThrow(/would go/);
  await expect(sd.upscale({ ...request, image: picture(LARGE / 2) })).rejects.toThrow(
    new RegExp(`^${LARGE}x${LARGE} takes .* would go`),
  );
  await expect(sd.encode(image, 1, { randn: (count) => new Float32Array(count) })).rejects.toThrow(/would go/);
});

test('the size that is named does go', async () => {
  const least = async (megabytes: number, width: number) => {
    await using sd = await open(megabytes);
    return sd.txt2img({ ...request, width, height: width }).then(
      () => width,
      (error: RequestError) => error.meaning.values.fitWidth as number,
    );
  };
  const fits = await least(270, LARGE / 4);
  expect(fits).toBeLessThan(LARGE / 4);
  expect(await least(270, fits)).toBe(fits);
});

test('where nothing would go, it says so', async () => {
  await using sd = await open(100);
  await expect(sd.txt2img(request)).rejects.toThrow(/0 MB are free: not even the smallest picture would go/);
});

test('with little memory the picture is the same, but for rounding', async () => {
  const paint = async (megabytes: number) => {
    await using sd = await open(megabytes);
    const pictures = await sd.txt2img({ ...request, steps: 1, count: 2, width: 192, height: 192 });
    return pictures.flatMap(({ pixels }) => [...pixels.data]);
  };
  const [rich, poor] = [await paint(1e5), await paint(225)];
  const off = rich.map((value, i) => Math.abs(value - poor[i]!));
  expect(off.reduce((a, b) => Math.max(a, b))).toBeLessThanOrEqual(1);
  expect(off.filter((value) => value > 0).length / off.length).toBeLessThan(0.01);
});

test('a ControlNet that has not run yet needs room beside the model, once for each', () => {
  const room = {
    needed: (width: number, height: number) => width * height,
    available: () => 128 * 128,
    takes: () => true,
  };
  const engine = { model: { downsampling: 8, latentMultiple: 8 }, networks: { room } } as unknown as Engine;
  const control = (bytesToCome: number) => {
    const net = { bytesToCome } as ControlNetworks;
    return { net, image: picture(8) };
  };
  const [large, ran] = [control(64 * 128), control(0)];
  const required = (side: number, ...controls: (typeof large)[]) => requireRoom(engine, side, side, false, controls);
  expect(() => required(128)).not.toThrow();
  expect(() => required(128, ran)).not.toThrow();
  expect(() => required(128, large)).toThrow(/64x64 would go/);
  expect(() => required(64, large, large)).not.toThrow();
  expect(() => required(64, large, control(64 * 128))).toThrow(/not even the smallest/);
});
