import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InferenceSession } from 'onnxruntime-node';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openModel } from '../../../src/engine/checkpoint/open.js';
import { FUSED } from '../../../src/engine/graph/form.js';
import { tensorOf } from '../../../src/engine/image/pixels.js';
import type { WeightsModel } from '../../../src/engine/model.js';
import { TorchGenerator } from '../../../src/engine/random/torch.js';
import { onnxRuntime } from '../../../src/engine/runtime/native.js';
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

test('so does a decoder in float16, as a GPU gets it', async () => {
  const model = await swollen('decoder.conv_in');
  const latents = { data: new TorchGenerator(1).randn(4 * 16 * 16), shape: [1, 4, 16, 16] };
  await using exact = networksOn('cpu', model);
  const want = await exact.decodeLatents(latents);
  // "WebGPU" is the processor, which casts around each operator: float16 overflows there as on a GPU.
  const { InferenceSession } = await onnxRuntime();
  const create = InferenceSession.create.bind(InferenceSession) as (
    graph: Uint8Array,
    options: InferenceSession.SessionOptions,
  ) => Promise<InferenceSession>;
  const spy = vi.spyOn(InferenceSession, 'create') as unknown as { mockImplementation: (f: typeof create) => void };
  spy.mockImplementation((graph, options) => create(graph, { ...options, executionProviders: ['cpu'] }));
  try {
    const forms = { float32: FUSED, float16: { ...FUSED, float: 'float16' as const } };
    await using gpu = networksOn('webgpu', model, { forms });
    expect(largestDifference((await gpu.decodeLatents(latents)).data, want.data)).toBeLessThan(1e-3);
    expect(gpu.takeNotices()).toEqual(told('decoder'));
  } finally {
    vi.restoreAllMocks();
  }
});
