import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { anonymousMegabytes } from '../../../bench/memory.js';
import { SD1, writeRandomModel } from '../../../bench/random-model.js';
import { buildDecoder } from '../../../src/engine/graph/autoencoder.js';
import type { BuiltGraph } from '../../../src/engine/graph/built-graph.js';
import { FUSED, type GraphForm } from '../../../src/engine/graph/form.js';
import { buildUNet } from '../../../src/engine/graph/unet.js';
import { cachedInt8 } from '../../../src/engine/int8/cache.js';
import { largestWeight } from '../../../src/engine/int8/processor.js';
import { TorchGenerator } from '../../../src/engine/random/torch.js';
import { type Feeds, NetworkSession } from '../../../src/engine/runtime/session.js';

/** Random weights of SD v1's shapes, and pictures of 256x256: large enough for every piece and band. */
let folder: string;
let weights: ReturnType<typeof writeRandomModel>;
let int8: GraphForm;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'easel-int8-full-'));
  weights = writeRandomModel(join(folder, 'weights.bin'), SD1);
  int8 = { ...FUSED, int8: cachedInt8({ folder: join(folder, 'cache'), largest: largestWeight() }) };
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const random = new TorchGenerator(15);
const normal = (...shape: number[]) => ({ data: random.randn(shape.reduce((a, b) => a * b)), shape });

/** @returns the first output, and the anonymous memory that the session then holds, in MB. */
async function run(build: () => Promise<BuiltGraph>, feeds: Feeds) {
  const before = anonymousMegabytes();
  await using session = new NetworkSession('full size', build, { enableMemPattern: false });
  const [output] = Object.values(await session.run(feeds));
  return { data: output!.data, megabytes: anonymousMegabytes() - before };
}

function relativeError(got: Float32Array, want: Float32Array): number {
  const squares = (values: Float32Array) => values.reduce((sum, value) => sum + value * value, 0);
  return Math.sqrt(squares(got.map((value, i) => value - want[i]!)) / squares(want));
}

test('the UNet in int8: 0.08 from float32 at most, in half its memory', async () => {
  const feeds = {
    sample: normal(2, 4, 32, 32),
    timestep: { data: Float32Array.of(500, 500), shape: [2] },
    encoder_hidden_states: normal(2, 77, 768),
  };
  const fast = await run(() => buildUNet(SD1.unet, weights.unet, int8), feeds);
  const exact = await run(() => buildUNet(SD1.unet, weights.unet, FUSED), feeds);
  expect(relativeError(fast.data, exact.data)).toBeLessThan(0.08);
  expect(fast.megabytes).toBeLessThan(exact.megabytes / 2);
});

test('the decoder in int8: 0.08 from float32 at most', async () => {
  const feeds = { latent_sample: normal(1, 4, 32, 32) };
  const fast = await run(() => buildDecoder(SD1.autoencoder, weights.autoencoder, int8), feeds);
  const exact = await run(() => buildDecoder(SD1.autoencoder, weights.autoencoder, FUSED), feeds);
  expect(relativeError(fast.data, exact.data)).toBeLessThan(0.08);
});
