import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openModel } from '../../../src/engine/checkpoint/open.js';
import { tensorOf } from '../../../src/engine/image/pixels.js';
import type { WeightsModel } from '../../../src/engine/model.js';
import { TorchGenerator } from '../../../src/engine/random/torch.js';
import { networksOn } from '../../../src/engine/runtime/open.js';
import { float32, type Made, takeApart, writeSafetensors } from '../checkpoint/write-safetensors.js';
import { largestDifference } from '../graph/goldens.js';
import { kinPicture, writeKinFile } from '../kin.js';

// Autoencoders of fine-tunes exceed what float16 holds, in which int8 keeps large features between two layers.

let folder: string;
let tensors: Map<string, Made>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'easel-overflow-'));
  tensors = await takeApart(await writeKinFile(join(folder, 'plain.safetensors'), 'inpaint'));
});
afterAll(() => rm(folder, { recursive: true }));

/** The same model with one layer of its autoencoder a million times as large; a norm follows, so that the picture is a picture. */
async function swollen(layer: string): Promise<WeightsModel> {
  const name = `first_stage_model.${layer}.weight`;
  const { shape, bytes } = tensors.get(name)!;
  const values = new Float32Array(bytes.slice().buffer).map((value) => value * 1e6);
  const path = join(folder, `${layer}.safetensors`);
  await writeSafetensors(path, new Map(tensors).set(name, float32(shape, values)));
  return (await openModel(path)) as WeightsModel;
}

const told = (what: string) => [
  [expect.stringMatching(`^The ${what}'s numbers do not fit into 16 bits: it was run again in 32`), expect.anything()],
];

test.each([
  ['everywhere', 'decoder.conv_in'],
  ['inside a block', 'decoder.up_blocks.1.resnets.0.conv1'],
  ['inside the last block', 'decoder.up_blocks.2.resnets.1.conv1'],
])(
  'a decoder whose numbers are too large %s decodes as in float32, says so once, and does so from then on',
  async (_, layer) => {
    const model = await swollen(layer);
    const latents = { data: new TorchGenerator(1).randn(4 * 16 * 16), shape: [1, 4, 16, 16] };
    await using exact = networksOn('cpu', model);
    await using fast = networksOn('cpu', model, { precision: 'int8', cache: folder });
    const want = await exact.decodeLatents(latents);
    expect(largestDifference((await fast.decodeLatents(latents)).data, want.data)).toBe(0);
    expect(fast.takeNotices()).toEqual(told('decoder'));
    expect(largestDifference((await fast.decodeLatents(latents)).data, want.data)).toBe(0);
    expect(fast.takeNotices()).toEqual([]);
  },
);

test('so does an encoder', async () => {
  const model = await swollen('encoder.conv_in');
  const picture = tensorOf(kinPicture());
  await using exact = networksOn('cpu', model);
  await using fast = networksOn('cpu', model, { precision: 'int8', cache: folder });
  const want = await exact.encodeImage(picture);
  expect(largestDifference((await fast.encodeImage(picture)).mean.data, want.mean.data)).toBe(0);
  expect(fast.takeNotices()).toEqual(told('encoder'));
});
