import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EMBEDDED_MODEL } from '../../../src/engine/embedded-model.js';
import type { Pixels } from '../../../src/engine/image/pixels.js';
import { resize } from '../../../src/engine/image/resize.js';
import { resizeTile } from '../../../src/engine/image/resize-tile.js';
import type { Picture } from '../../../src/engine/pipeline/picture.js';
import { TorchGenerator } from '../../../src/engine/random/torch.js';
import { StableDiffusion } from '../../../src/engine/stable-diffusion.js';

let sd: StableDiffusion;
beforeAll(async () => {
  sd = await StableDiffusion.open(EMBEDDED_MODEL, { device: 'cpu', precision: 'full' });
});
afterAll(() => sd?.close());

/** Mean difference of two columns, or two lines. */
function between({ width, height, data }: Pixels, axis: 'across' | 'down', from: number, to: number): number {
  const length = axis === 'across' ? height : width;
  const at = (line: number, k: number) => (axis === 'across' ? k * width + line : line * width + k) * 3;
  let sum = 0;
  for (let k = 0; k < length; k++) {
    for (let c = 0; c < 3; c++) sum += Math.abs(data[at(from, k) + c]! - data[at(to, k) + c]!);
  }
  return sum / length / 3;
}

/** How much more opposite edges differ than the neighbours next to them do. */
function seam(picture: Pixels, axis: 'across' | 'down'): number {
  const last = (axis === 'across' ? picture.width : picture.height) - 1;
  const beside = [0, 1, 2, last - 3, last - 2, last - 1].map((k) => between(picture, axis, k, k + 1));
  return between(picture, axis, last, 0) / (Math.max(...beside) + 1);
}

// A scene that reaches all edges; the model that ships puts many subjects in front of plain grounds.
const SCENE = { prompt: 'a frog in a flower garden', seed: 10, steps: 4, scale: 8, width: 64, height: 64 };
/** Of an edge that is seen. */
const SEEN = 2;

describe('a seamless tile', () => {
  test.each([undefined, 'both'] as const)('joins copies of itself if it was told to: %s', async (tile) => {
    const [picture] = await sd.txt2img({ ...SCENE, ...(tile && { tile }) });
    for (const axis of ['across', 'down'] as const) {
      expect(seam(picture!.pixels, axis) < SEEN).toBe(tile !== undefined);
    }
    expect(picture!.parameters.tiling).toBe(tile && 'True');
  });

  test('stays one when it is painted over and enlarged', async () => {
    const [{ pixels: image }] = (await sd.txt2img({ ...SCENE, tile: 'both' })) as [Picture];
    const { width, height, ...scene } = SCENE;
    const again = { ...scene, image, tile: 'both' } as const;
    const [over] = await sd.img2img({ ...again, strength: 0.6 });
    const [large] = await sd.upscale({ ...again, strength: 0.3 });
    for (const { pixels } of [over!, large!]) {
      for (const axis of ['across', 'down'] as const) expect(seam(pixels, axis)).toBeLessThan(SEEN);
    }
  });

  test('is refused for an axis that there is not', async () => {
    await expect(sd.txt2img({ ...SCENE, tile: 'z' as never })).rejects.toMatchObject({ meaning: { code: 'choice' } });
  });
});

test('a tile is resized as the middle of many copies of it', () => {
  const data = new TorchGenerator(4).randn(12 * 8 * 3).map((value) => 128 + 50 * value);
  const one = { width: 12, height: 8, data: Uint8Array.from(data) };
  const nine = resize(copies(one, 3), 60, 36, 'lanczos');
  const { data: got } = resizeTile(one, 20, 12, 'both');
  const middle = got.map((_, i) => {
    const [y, x, c] = [Math.floor(i / 60), Math.floor(i / 3) % 20, i % 3];
    return nine.data[((y + 12) * 60 + x + 20) * 3 + c]!;
  });
  expect(got).toEqual(middle);
});

function copies({ width, height, data }: Pixels, count: number): Pixels {
  const [wide, high] = [width * count, height * count];
  const all = Uint8Array.from({ length: wide * high * 3 }, (_, i) => {
    const [y, x, c] = [Math.floor(i / 3 / wide), Math.floor(i / 3) % wide, i % 3];
    return data[((y % height) * width + (x % width)) * 3 + c]!;
  });
  return { width: wide, height: high, data: all };
}
