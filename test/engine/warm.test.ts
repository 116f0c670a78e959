import { InferenceSession } from 'onnxruntime-node';
import { afterEach, expect, test, vi } from 'vitest';
import { EMBEDDED_MODEL, StableDiffusion } from '../../src/engine/index.js';

afterEach(() => void vi.restoreAllMocks());

const REQUEST = { prompt: 'a red apple', steps: 1, width: 64, height: 64, seed: 1 };

test('after warming up, the first picture creates no session', async () => {
  await using sd = await StableDiffusion.open(EMBEDDED_MODEL, { device: 'cpu', threads: 1, worker: false });
  const create = vi.spyOn(InferenceSession, 'create');
  await sd.warm();
  const warmed = create.mock.calls.length;
  expect(warmed).toBeGreaterThanOrEqual(3);
  await sd.txt2img(REQUEST);
  expect(create).toHaveBeenCalledTimes(warmed);
});

test('a picture that is asked for while it warms up is painted next', async () => {
  await using sd = await StableDiffusion.open(EMBEDDED_MODEL, { device: 'cpu', threads: 1 });
  const order: string[] = [];
  const warming = sd.warm().then(() => order.push('warm'));
  const painting = sd.txt2img(REQUEST, { onProgress: () => order.push('step') }).then(() => order.push('painted'));
  await Promise.all([warming, painting]);
  expect(order[0]).toBe('step');
});
