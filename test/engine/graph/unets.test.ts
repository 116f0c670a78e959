import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readSafetensors } from '../../../src/engine/checkpoint/safetensors.js';
import { readValues } from '../../../src/engine/checkpoint/values.js';
import { buildUNet } from '../../../src/engine/graph/unet.js';
import type { UNetConfig } from '../../../src/engine/model.js';
import { NetworkSession } from '../../../src/engine/runtime/session.js';
import { expectClose } from './goldens.js';

const COMMON: UNetConfig = {
  inChannels: 4,
  outChannels: 4,
  blockOutChannels: [8, 16],
  layersPerBlock: 1,
  attention: [true, false],
  heads: [2, 2],
  transformerLayers: 1,
  crossAttentionDim: 12,
  normGroups: 4,
  normEps: 1e-5,
  linearProjection: false,
};

/** Architectures beside SD 1.x's; weights and numbers by diffusers (test/fixtures/unets/make.py). */
const UNETS: { name: string; what: string; config: UNetConfig }[] = [
  {
    name: 'linear-inpaint',
    what: 'SD 2.x inpainting: matrices as projections, heads by level, 9 channels',
    config: { ...COMMON, inChannels: 9, heads: [2, 4], linearProjection: true },
  },
  { name: 'guidance', what: 'a latent consistency model: guidance embedded', config: { ...COMMON, timeCondDim: 16 } },
  { name: 'deep', what: 'two transformer blocks in each attention', config: { ...COMMON, transformerLayers: 2 } },
];

describe("UNets of other architectures give diffusers' numbers", () => {
  test.each(UNETS)('$what', async ({ name, config }) => {
    const { tensors } = await readSafetensors(join(import.meta.dirname, `../../fixtures/unets/${name}.safetensors`));
    const golden = async (key: string) => {
      const tensor = tensors.get(`golden.${key}`)!;
      return { data: await readValues(tensor), shape: tensor.shape };
    };
    await using session = new NetworkSession('unet', () => buildUNet(config, tensors), {});
    const { out_sample: eps } = await session.run({
      sample: await golden('x'),
      timestep: await golden('t'),
      encoder_hidden_states: await golden('context'),
      ...(config.timeCondDim && {
        guidance: { data: new Float32Array(2).fill((await golden('guidance')).data[0]!), shape: [2] },
      }),
    });
    expectClose(eps!, await golden('eps'), 5e-5);
    expect(eps!.data.some((value) => Math.abs(value) > 0.1)).toBe(true);
  });
});
