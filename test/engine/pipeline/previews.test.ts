import { afterEach, beforeAll, expect, test, vi } from 'vitest';
import { EMBEDDED_MODEL } from '../../../src/engine/embedded-model.js';
import type { Progress } from '../../../src/engine/pipeline/progress.js';
import { SessionNetworks } from '../../../src/engine/runtime/session-networks.js';
import { StableDiffusion } from '../../../src/engine/stable-diffusion.js';

// Its autoencoder is its own, so that a look at its latents has to be fitted to what it decodes.
let sd: StableDiffusion;
beforeAll(async () => {
  sd = await StableDiffusion.open(EMBEDDED_MODEL, { device: 'cpu' });
  return () => sd.close();
});
afterEach(() => vi.restoreAllMocks());

async function decodesOf(onProgress: (progress: Progress) => void): Promise<number> {
  const decodes = vi.spyOn(SessionNetworks.prototype, 'decodeLatents').mockClear();
  await sd.txt2img({ prompt: 'a dog', seed: 1, steps: 2, width: 64, height: 64 }, { onProgress });
  return decodes.mock.calls.length;
}

test('nothing is decoded for previews that nobody looks at, and once for all that somebody does', async () => {
  expect(await decodesOf(() => {})).toBe(1);
  const looks: Promise<unknown>[] = [];
  expect(await decodesOf(({ previews }) => looks.push(previews(), previews()))).toBe(2);
  expect(await Promise.all(looks)).toHaveLength(8);
  expect(await decodesOf(({ previews }) => void previews())).toBe(1);
});

test('what comes next waits for a look that is asked for', async () => {
  const order: string[] = [];
  await decodesOf(({ phase, step, previews }) => {
    order.push(`${phase} ${step}`);
    void previews().then(() => order.push(`look ${step}`));
  });
  const steps = ['denoise 1', 'look 1', 'denoise 2', 'look 2'];
  expect(order).toEqual(['encode 0', 'look 0', ...steps, 'decode 2', 'look 2']);
});
