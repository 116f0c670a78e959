import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readSafetensors } from '../../../src/engine/checkpoint/safetensors.js';
import { readValues } from '../../../src/engine/checkpoint/values.js';
import { buildUNet } from '../../../src/engine/graph/unet.js';
import { NetworkSession } from '../../../src/engine/runtime/session.js';
import { expectClose } from './goldens.js';
import { UNETS } from './other-unets.js';

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
