import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openModel } from '../../../src/engine/checkpoint/open.js';
import type { OpenModelOptions } from '../../../src/engine/checkpoint/options.js';
import type { Model } from '../../../src/engine/model.js';
import type { Networks, Tensor } from '../../../src/engine/networks.js';
import { networksOn } from '../../../src/engine/runtime/open.js';
import { oracle, secondOracle, wholeOracle } from '../../oracle.js';
import { cases, expectGolden } from './goldens.js';

const nano = { config: oracle('ckpt/nano/v1-nano.yaml'), useEma: true };

/** Each container with the numbers that the reference code computes from it. The last two are too large for the repository. */
const MODELS: { path: string; goldens: string; options?: OpenModelOptions }[] = [
  { path: oracle('ckpt/nano/nano-ema-only.safetensors'), goldens: oracle('goldens/nano'), options: nano },
  { path: oracle('ckpt/nano/nano-full-ema-fp16.ckpt'), goldens: oracle('goldens/nano'), options: nano },
  { path: oracle('ckpt/nano/nano-ema-only.ckpt'), goldens: oracle('goldens/nano'), options: nano },
  { path: oracle('ckpt/nano/nano-odd-strides-fp16.ckpt'), goldens: oracle('goldens/nano'), options: nano },
  { path: oracle('ckpt/tiny/diffusers'), goldens: oracle('goldens/tiny') },
  {
    path: oracle('ckpt/tiny/tiny.ckpt'),
    goldens: oracle('goldens/tiny'),
    options: { config: oracle('ckpt/tiny/v1-tiny.yaml') },
  },
  ...(wholeOracle
    ? [
        { path: oracle('ckpt/tiny/onnx'), goldens: oracle('goldens/tiny') },
        { path: secondOracle('laion400m/ckpt/laion-tiny.ckpt'), goldens: secondOracle('laion400m/goldens/model') },
      ]
    : []),
];

describe.each(MODELS)("$path gives the reference's numbers", (entry) => {
  const { path, goldens, options } = entry;
  let model: Model;
  let networks: Networks;
  beforeAll(async () => {
    model = await openModel(path, options);
    networks = networksOn('cpu', model);
  });
  afterAll(() => networks.close());

  test.each(cases(goldens, 'text_encoder'))('text encoder: $id', async (golden) => {
    const { data, shape } = golden.inputs.ids!;
    expectGolden(golden, 'last_hidden_state', await networks.encodeText(Int32Array.from(data), shape[0]!));
  });

  test.each(cases(goldens, 'unet'))('UNet: $id', async (golden) => {
    const { x, t, context } = golden.inputs;
    expectGolden(golden, 'eps', await networks.predictNoise(x!, t!.data, context!));
  });

  test.each(cases(goldens, 'vae_encode'))('encoder: $id', async (golden) => {
    const { mean, logvar } = await networks.encodeImage(pictureOf(golden.inputs.image_u8!));
    if (model.kind === 'onnx') {
      // The graph draws the posterior's noise itself, so that only the shape can be told.
      expect(logvar).toBeNull();
      expect(mean.shape).toEqual(golden.outputs.mean!.shape);
      return;
    }
    expectGolden(golden, 'mean', mean);
    expectGolden(golden, 'logvar', logvar!);
  });

  test.each(cases(goldens, 'vae_decode').filter(({ outputs }) => 'x' in outputs))('decoder: $id', async (golden) => {
    const { data, shape } = golden.inputs.z_scaled!;
    const got = await networks.decodeLatents({ data: data.map((z) => z / model.scalingFactor), shape });
    expectGolden(golden, 'x', got);
  });
});

/** Bytes [h, w, 3] as 2 x / 255 - 1, [1, 3, h, w]. */
function pictureOf({ data, shape }: Tensor): Tensor {
  const [height, width] = shape as [number, number];
  const planes = Float32Array.from({ length: data.length }, (_, i) => {
    const [channel, place] = [Math.floor(i / (height * width)), i % (height * width)];
    return (2 * data[place * 3 + channel]!) / 255 - 1;
  });
  return { data: planes, shape: [1, 3, height, width] };
}
