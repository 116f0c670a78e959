import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openModel } from '../../../src/engine/checkpoint/open.js';
import type { Networks, Tensor } from '../../../src/engine/networks.js';
import { openNetworks } from '../../../src/engine/runtime/open.js';
import { hasOracle, oracle, readNpy } from '../../oracle.js';
import { type Case, cases, expectGolden, floats } from './goldens.js';

const [TINY, NANO] = ['goldens/tiny', 'goldens/nano'];
const MODELS: { goldens: string; path: string; config?: string; useEma?: boolean }[] = [
  { goldens: TINY, path: 'ckpt/tiny/diffusers' },
  { goldens: TINY, path: 'ckpt/tiny/tiny.ckpt', config: 'ckpt/tiny/v1-tiny.yaml' },
  { goldens: TINY, path: 'ckpt/tiny/onnx' },
  ...['ema-only.ckpt', 'ema-only.safetensors', 'full-ema-fp16.ckpt', 'odd-strides-fp16.ckpt'].map((file) => ({
    goldens: NANO,
    path: `ckpt/nano/nano-${file}`,
    config: 'ckpt/nano/v1-nano.yaml',
    useEma: true,
  })),
];

describe.skipIf(!hasOracle).each(MODELS)("$path gives the reference's numbers", ({ goldens, path, config, useEma }) => {
  let networks: Networks;
  const drawsInside = path.endsWith('onnx');
  beforeAll(async () => {
    networks = await openNetworks(
      await openModel(oracle(path), { ...(config && { config: oracle(config) }), useEma }),
      { device: 'cpu' },
    );
  });
  afterAll(() => networks.close());

  const input = ({ inputs }: Case, name: string) => floats(`${goldens}/${inputs[name]!.file}`);

  test.each(cases(goldens, 'text_encoder'))('text encoder: $id', async (golden) => {
    const { data, shape } = readNpy(oracle(`${goldens}/${golden.inputs.ids!.file}`));
    const got = await networks.encodeText(Int32Array.from(data as Iterable<number>, Number), shape[0]!);
    expectGolden(goldens, golden, 'last_hidden_state', got);
  });

  test.each(cases(goldens, 'unet'))('UNet: $id', async (golden) => {
    const [x, t, context] = [input(golden, 'x'), input(golden, 't'), input(golden, 'context')];
    expectGolden(goldens, golden, 'eps', await networks.predictNoise(x, t.data, context));
  });

  test.each(cases(goldens, 'vae_encode'))('encoder: $id', async (golden) => {
    const { mean, logvar } = await networks.encodeImage(pictureOf(golden));
    if (drawsInside) {
      expect(logvar).toBeNull();
      return;
    }
    expectGolden(goldens, golden, 'mean', mean);
    expectGolden(goldens, golden, 'logvar', logvar!);
  });

  test.each(cases(goldens, 'vae_decode').filter(({ outputs }) => outputs.x))('decoder: $id', async (golden) => {
    const { data, shape } = input(golden, 'z_scaled');
    const got = await networks.decodeLatents({ data: data.map((z) => z / 0.18215), shape });
    expectGolden(goldens, golden, 'x', got);
  });

  /** 2 * bytes / 255 - 1, with the channels first. */
  function pictureOf(golden: Case): Tensor {
    const { data, shape } = input(golden, 'image_u8');
    const [height, width] = shape as [number, number];
    const planes = Float32Array.from({ length: data.length }, (_, i) => {
      const [channel, place] = [Math.floor(i / (height * width)), i % (height * width)];
      return (2 * data[place * 3 + channel]!) / 255 - 1;
    });
    return { data: planes, shape: [1, 3, height, width] };
  }
});
