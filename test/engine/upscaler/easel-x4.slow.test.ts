import { expect, test } from 'vitest';
import { resize } from '../../../src/engine/image/resize.js';
import {
  EMBEDDED_MODEL,
  EMBEDDED_UPSCALER,
  type Pixels,
  StableDiffusion,
  Upscaler,
} from '../../../src/engine/index.js';

/** Differences of neighbours in green along the rows, largest first. */
function steps({ width, data }: Pixels): number[] {
  const found: number[] = [];
  for (let at = 1; at < data.length - 3; at += 3) {
    if (Math.floor(at / 3) % width < width - 1) found.push(Math.abs(data[at]! - data[at + 3]!));
  }
  return found.sort((a, b) => b - a);
}

test('the upscaler that ships draws edges that Lanczos blurs, and adds nothing where nothing is', async () => {
  await using sd = await StableDiffusion.open(EMBEDDED_MODEL);
  const [picture] = await sd.txt2img({ prompt: 'a red apple', seed: 7 });
  const small = picture!.pixels;
  await using upscaler = await Upscaler.open(EMBEDDED_UPSCALER);
  const large = await upscaler.enlarge(small, { factor: 1024 / small.width });
  expect([large.width, large.height]).toEqual([1024, 1024]);
  const blurred = resize(small, 1024, 1024, 'lanczos');
  // The steepest thousandth of the picture is its edges.
  const edge = (steps: number[]) => steps[Math.floor(steps.length / 1000)]!;
  const [ours, lanczos] = [steps(large), steps(blurred)];
  expect(edge(ours)).toBeGreaterThan(1.5 * edge(lanczos));
  // Along the upper side there is the white ground alone, with whatever the model itself left in its corners.
  const ground = ({ data }: Pixels) => ({ width: 1024, height: 64, data: data.slice(0, 1024 * 64 * 3) });
  expect(steps(ground(large))[0]).toBeLessThan(steps(ground(blurred))[0]! + 6);
});
