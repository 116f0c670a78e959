import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EMBEDDED_MODEL } from '../../../src/engine/embedded-model.js';
import { parametersText } from '../../../src/engine/image/metadata/infotext.js';
import type { Pixels } from '../../../src/engine/image/pixels.js';
import { cut, type Region } from '../../../src/engine/image/region.js';
import { StableDiffusion } from '../../../src/engine/stable-diffusion.js';
import { writeKinFile } from '../kin.js';

// The same on a model that paints, which knows nothing of masks, and on one that was made for inpainting.

let folder: string;
const models: Record<string, StableDiffusion> = {};
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'easel-outpaint-'));
  const kin = await writeKinFile(join(folder, 'inpaint.safetensors'), 'inpaint');
  models.embedded = await StableDiffusion.open(EMBEDDED_MODEL, { device: 'cpu' });
  models.tiny = await StableDiffusion.open(kin, { device: 'cpu' });
});
afterAll(async () => {
  for (const model of Object.values(models)) await model.close();
  await rm(folder, { recursive: true });
});

const each = ['embedded', 'tiny'] as const;
const quick = { prompt: 'a red apple', seed: 7, steps: 2 };

/** Stripes with an edge at every pixel: a pixel that moved would show. */
function stripes(width: number, height: number): Pixels {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => (((i / 3) | 0) * 37 + (i % 3) * 90) % 256);
  return { width, height, data };
}

const all = ({ width, height }: Pixels): Region => ({ left: 0, top: 0, width, height });

describe.each(each)('outpainting with the %s model', (name) => {
  test('leaves the picture unchanged to the pixel outside the seam, and paints everything beyond', async () => {
    const image = stripes(128, 64);
    const seam = 16;
    const [one] = await models[name]!.outpaint({ ...quick, image, right: 64, seam });
    const { pixels, parameters } = one!;
    expect([pixels.width, pixels.height]).toEqual([192, 64]);
    const kept = { ...all(image), width: 128 - seam };
    expect(cut(pixels, kept)).toEqual(cut(image, kept));
    const beside = { left: 128 - seam, top: 0, width: seam, height: 64 };
    expect(cut(pixels, beside)).not.toEqual(cut(image, beside));
    expect(parametersText(parameters)).toContain('Outpaint: right 64');
  });

  test('a picture in the middle of a canvas keeps its middle, and one that moves keeps what is still there', async () => {
    const small = stripes(64, 32);
    const [around] = await models[name]!.outpaint({
      ...quick,
      image: small,
      left: 32,
      right: 32,
      top: 16,
      bottom: 16,
      seam: 4,
    });
    const middle = { left: 4, top: 4, width: 56, height: 24 };
    expect(cut(around!.pixels, { ...middle, left: 36, top: 20 })).toEqual(cut(small, middle));
    const image = stripes(64, 64);
    const [moved] = await models[name]!.outpaint({ ...quick, image, left: -32, right: 32, seam: 4 });
    const still = { left: 0, top: 0, width: 28, height: 64 };
    expect(cut(moved!.pixels, still)).toEqual(cut(image, { ...still, left: 32 }));
  });

  test('only the masked part of a picture that the model could not paint is painted, and nothing else changes', async () => {
    const image = stripes(301, 203);
    const mask = { ...image, data: new Uint8Array(image.data.length) };
    for (let y = 20; y < 60; y++) mask.data.fill(255, 3 * (y * 301 + 200), 3 * (y * 301 + 260));
    const [one] = await models[name]!.inpaint({ ...quick, image, mask, area: 'masked', padding: 16, pixels: 64 * 64 });
    const { data } = one!.pixels;
    expect(data.findIndex((value, i) => value !== image.data[i] && mask.data[i] === 0)).toBe(-1);
    expect(data.filter((value, i) => value !== image.data[i]).length).toBeGreaterThan(40 * 60);
    expect(parametersText(one!.parameters)).toContain('Inpaint area: Only masked, Masked area padding: 16');
  });
});

test('an outpainted picture only depends on its own seed', async () => {
  const asked = { ...quick, image: stripes(64, 64), bottom: 32, steps: 1 };
  const batch = await models.tiny!.outpaint({ ...asked, count: 2 });
  const [second] = await models.tiny!.outpaint({ ...asked, seed: 8 });
  expect(second!.pixels).toEqual(batch[1]!.pixels);
});

test.each([
  [{}, /must be above 0/],
  [{ left: -64 }, /cut off the whole picture/],
  [{ right: 1.5 }, /right must be a whole number/],
  [{ right: 4096 }, /width 4160 does not fit/],
])('refuses %j', async (margins, message) => {
  await expect(models.tiny!.outpaint({ ...quick, image: stripes(64, 64), ...margins })).rejects.toThrow(message);
});

test('refuses a mask that is black everywhere', async () => {
  const image = stripes(64, 64);
  const mask = { ...image, data: new Uint8Array(image.data.length) };
  const asked = models.tiny!.inpaint({ ...quick, image, mask, area: 'masked' });
  await expect(asked).rejects.toMatchObject({ meaning: { code: 'maskBlack' } });
});
