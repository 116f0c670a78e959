import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EMBEDDED_MODEL } from '../../src/engine/embedded-model.js';
import { parametersText, parseParameters } from '../../src/engine/image/metadata/infotext.js';
import type { Pixels } from '../../src/engine/image/pixels.js';
import { StableDiffusion } from '../../src/engine/stable-diffusion.js';

/** The embedded model with shortcuts: less work, nearly the same picture. */
describe('shortcuts', () => {
  let sd: StableDiffusion;
  let exact: Pixels;
  const request = { prompt: 'a red apple', seed: 7, steps: 16, sampler: 'ddim' } as const;
  beforeAll(async () => {
    sd = await StableDiffusion.open(EMBEDDED_MODEL, { device: 'cpu' });
    const [picture] = await sd.txt2img(request);
    exact = picture!.pixels;
    expect(parametersText(picture!.parameters)).not.toMatch(/Speed|interval|KV/);
  });
  afterAll(() => sd.close());

  test('exact is what was painted before there were any', async () => {
    const [picture] = await sd.txt2img({ ...request, speed: 'exact' });
    expect(picture!.pixels.data).toEqual(exact.data);
  });

  test('fast paints nearly the same, the same in company as alone, and says so', async () => {
    const [alone] = await sd.txt2img({ ...request, speed: 'fast' });
    expect(psnr(alone!.pixels, exact)).toBeGreaterThan(35);
    expect(alone!.pixels.data).not.toEqual(exact.data);
    const [beside] = await sd.txt2img({ ...request, speed: 'fast', count: 2 });
    expect(beside!.pixels.data).toEqual(alone!.pixels.data);
    expect(parseParameters(parametersText(alone!.parameters)).speed).toBe('fast');
  });

  test('guidance in an interval paints nearly the same', async () => {
    const [picture] = await sd.txt2img({ ...request, guidanceInterval: [0.3, 100] });
    expect(psnr(picture!.pixels, exact)).toBeGreaterThan(30);
    expect(parseParameters(parametersText(picture!.parameters)).guidanceInterval).toBe('0.3-100');
  });

  test('inpainting keeps what the mask keeps', async () => {
    const mask = {
      ...exact,
      data: exact.data.map((_, i) => (i % (exact.width * 3) < (exact.width / 2) * 3 ? 255 : 0)),
    };
    const [picture] = await sd.inpaint({ ...request, steps: 20, image: exact, mask, speed: 'fastest' });
    const kept = [...picture!.pixels.data].filter((_, i) => mask.data[i] === 0);
    expect(kept).toEqual([...exact.data].filter((_, i) => mask.data[i] === 0));
  });
});

function psnr(a: Pixels, b: Pixels): number {
  const sum = a.data.reduce((total, value, i) => total + (value - b.data[i]!) ** 2, 0);
  return 10 * Math.log10(255 ** 2 / (sum / a.data.length));
}
