import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { openModel } from '../../../src/engine/checkpoint/open.js';
import { readSafetensors } from '../../../src/engine/checkpoint/safetensors.js';
import { EMBEDDED_MODEL } from '../../../src/engine/embedded-model.js';
import { buildDecoder, buildEncoder } from '../../../src/engine/graph/autoencoder.js';
import { FUSED, type GraphForm } from '../../../src/engine/graph/form.js';
import { buildUNet } from '../../../src/engine/graph/unet.js';
import type { WeightsModel } from '../../../src/engine/model.js';
import { type Feeds, NetworkSession } from '../../../src/engine/runtime/session.js';
import { UNETS } from '../graph/other-unets.js';
import { quantizeInMemory } from './in-memory.js';

const INT8: GraphForm = { ...FUSED, int8: quantizeInMemory };

let seed = 1;
/** About normal: the sum of twelve. */
function random(...shape: number[]) {
  const next = () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed / 2 ** 32;
  };
  const length = shape.reduce((a, b) => a * b);
  return {
    data: Float32Array.from({ length }, () => Array.from({ length: 12 }, next).reduce((a, b) => a + b) - 6),
    shape,
  };
}

function relativeError(got: Float32Array, want: Float32Array): number {
  expect(got.length).toBe(want.length);
  const squares = (values: Float32Array) => values.reduce((sum, value) => sum + value * value, 0);
  return Math.sqrt(squares(got.map((value, i) => value - want[i]!)) / squares(want));
}

/** Relative error of the first output, from one pair of sessions for all feeds. */
async function errors(build: (form: GraphForm) => ReturnType<typeof buildUNet>, feeds: Feeds[]): Promise<number[]> {
  await using exact = new NetworkSession('float32', () => build(FUSED), {});
  await using fast = new NetworkSession('int8', () => build(INT8), {});
  const found: number[] = [];
  for (const feed of feeds) {
    const [want] = Object.values(await exact.run(feed));
    const [got] = Object.values(await fast.run(feed));
    expect(got!.shape).toEqual(want!.shape);
    found.push(relativeError(got!.data, want!.data));
  }
  return found;
}

describe('the embedded model in int8 rows is near float32', () => {
  let model: WeightsModel;
  beforeAll(async () => {
    model = (await openModel(EMBEDDED_MODEL)) as WeightsModel;
  });

  test('UNet: any size and batch from one session', async () => {
    const feeds = [
      [2, 16, 16],
      [1, 16, 16],
      [2, 8, 24],
      [3, 20, 4],
      [1, 4, 4],
    ].map(([rows, height, width]) => ({
      sample: random(rows!, model.latentChannels, height!, width!),
      timestep: { data: new Float32Array(rows!).fill(500), shape: [rows!] },
      encoder_hidden_states: random(rows!, model.maxTokens, model.unet.crossAttentionDim),
    }));
    for (const error of await errors((form) => buildUNet(model.unet, model.weights.unet, form), feeds)) {
      // Of one step on noise.
      expect(error).toBeLessThan(0.05);
      // It really is int8.
      expect(error).toBeGreaterThan(1e-4);
    }
  });

  // Large ones are computed in bands of lines.
  test('decoder and encoder: small and large, and several at once', async () => {
    const { autoencoder: config, weights, downsampling: down, latentChannels } = model;
    const shapes = [
      [1, 128, 128],
      [1, 64, 192],
      [2, 192, 160],
      [1, 320, 64],
    ] as const;
    const latents = shapes.map(([rows, height, width]) => ({
      latent_sample: random(rows, latentChannels, height / down, width / down),
    }));
    for (const error of await errors((form) => buildDecoder(config, weights.autoencoder, form), latents)) {
      expect(error).toBeLessThan(0.05);
    }
    const pictures = shapes.map(([rows, height, width]) => ({ sample: random(rows, 3, height, width) }));
    for (const error of await errors((form) => buildEncoder(config, weights.autoencoder, form), pictures)) {
      expect(error).toBeLessThan(0.05);
    }
  });
});

describe('other architectures in int8 rows are near float32', () => {
  test.each(UNETS)('$what', async ({ name, config }) => {
    const file = join(import.meta.dirname, `../../fixtures/unets/${name}.safetensors`);
    const { tensors } = await readSafetensors(file);
    const feeds = {
      sample: random(2, config.inChannels, 8, 8),
      timestep: { data: Float32Array.of(500, 20), shape: [2] },
      encoder_hidden_states: random(2, 5, 12),
      guidance: { data: Float32Array.of(7, 7), shape: [2] },
    };
    const [error] = await errors((form) => buildUNet(config, tensors, form), [feeds]);
    expect(error).toBeLessThan(0.05);
  });
});
