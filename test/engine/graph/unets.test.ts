import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readSafetensors } from '../../../src/engine/checkpoint/safetensors.js';
import { readValues } from '../../../src/engine/checkpoint/values.js';
import { FUSED } from '../../../src/engine/graph/form.js';
import { buildContext, buildUNet } from '../../../src/engine/graph/unet.js';
import { NetworkSession } from '../../../src/engine/runtime/session.js';
import { expectClose } from './goldens.js';
import { UNETS } from './other-unets.js';

/** Sessions of a file's UNet in each way to run it, and its golden inputs and outputs. */
async function opened({ name, config }: (typeof UNETS)[number]) {
  const { tensors } = await readSafetensors(join(import.meta.dirname, `../../fixtures/unets/${name}.safetensors`));
  const golden = async (key: string) => {
    const tensor = tensors.get(`golden.${key}`)!;
    return { data: await readValues(tensor), shape: tensor.shape };
  };
  const feeds = {
    sample: await golden('x'),
    timestep: await golden('t'),
    encoder_hidden_states: await golden('context'),
    ...(config.timeCondDim && {
      guidance: { data: new Float32Array(2).fill((await golden('guidance')).data[0]!), shape: [2] },
    }),
  };
  const plain = new NetworkSession('unet', () => buildUNet(config, tensors), {});
  const switched = new NetworkSession('unet', () => buildUNet(config, tensors, { ...FUSED, subsamples: true }), {});
  const eps = async (session: NetworkSession, stride: number) =>
    (await session.run({ ...feeds, kv_stride: { data: Int32Array.of(stride), shape: [1] } })).out_sample!;
  const apart = new NetworkSession('unet', () => buildUNet(config, tensors, { ...FUSED, contextApart: true }), {});
  const context = new NetworkSession('context', () => buildContext(config, tensors), {});
  const epsApart = async () => {
    const keys = await context.run(feeds, await context.outputNames());
    return (await apart.run({ ...feeds, ...keys })).out_sample!;
  };
  const close = async () => {
    for (const session of [plain, switched, apart, context]) await session.release();
  };
  return { golden, plain, switched, eps, epsApart, [Symbol.asyncDispose]: close };
}

describe("UNets of other architectures give diffusers' numbers", () => {
  test.each(UNETS)('$what', async (unet) => {
    await using of = await opened(unet);
    const eps = await of.eps(of.plain, 1);
    expectClose(eps, await of.golden('eps'), 5e-5);
    expect(eps.data.some((value) => Math.abs(value) > 0.1)).toBe(true);
  });

  test.each(UNETS)('subsampled, and whole again in the next run: $what', async (unet) => {
    await using of = await opened(unet);
    expectClose(await of.eps(of.switched, 2), await of.golden('eps_subsampled'), 5e-5);
    expect((await of.eps(of.switched, 1)).data).toEqual((await of.eps(of.plain, 1)).data);
    expect((await of.golden('eps')).data).not.toEqual((await of.golden('eps_subsampled')).data);
  });

  test.each(UNETS)('with keys and values of the prompt from a graph of their own: $what', async (unet) => {
    await using of = await opened(unet);
    expect((await of.epsApart()).data).toEqual((await of.eps(of.plain, 1)).data);
  });
});
