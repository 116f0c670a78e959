import { beforeAll, describe, expect, test } from 'vitest';
import { openModel } from '../../../src/engine/checkpoint/open.js';
import { EMBEDDED_MODEL } from '../../../src/engine/embedded-model.js';
import { buildDecoder, buildEncoder } from '../../../src/engine/graph/autoencoder.js';
import { FUSED } from '../../../src/engine/graph/form.js';
import type { WeightsModel } from '../../../src/engine/model.js';
import { TorchGenerator } from '../../../src/engine/random/torch.js';
import { type Feeds, NetworkSession } from '../../../src/engine/runtime/session.js';
import { oracle } from '../../oracle.js';

const BANDS = { ...FUSED, bands: true } as const;

const generator = new TorchGenerator(1);
function random(...shape: number[]) {
  return { data: generator.randn(shape.reduce((a, b) => a * b)), shape };
}

/** Decibels, of what reaches from -1 to 1; in the worst of the outputs. */
async function psnrs(
  build: (form: typeof FUSED) => ReturnType<typeof buildDecoder>,
  feeds: Feeds[],
): Promise<number[]> {
  await using whole = new NetworkSession('whole', () => build(FUSED), {});
  await using bands = new NetworkSession('in bands', () => build(BANDS), {});
  const found: number[] = [];
  for (const feed of feeds) {
    const names = await whole.outputNames();
    const [want, got] = [await whole.run(feed, names), await bands.run(feed, names)];
    const each = names.map((name) => {
      expect(got[name]!.shape).toEqual(want[name]!.shape);
      const errors = got[name]!.data.map((value, i) => (value - want[name]!.data[i]!) ** 2);
      return 10 * Math.log10(4 / (errors.reduce((a, b) => a + b) / errors.length + 1e-15));
    });
    found.push(Math.min(...each));
  }
  return found;
}

const MODELS = [
  { what: 'the model that ships', open: () => openModel(EMBEDDED_MODEL) },
  {
    what: 'the nano checkpoint',
    open: () => openModel(oracle('ckpt/nano/nano-ema-only.safetensors'), { config: oracle('ckpt/nano/v1-nano.yaml') }),
  },
];

/** Of pictures. From 64x64 places of a layer's result on, there are several bands. */
const SHAPES = [
  [1, 128, 128],
  [2, 64, 96],
  [1, 320, 64],
  [1, 16, 48],
] as const;

describe.each(MODELS)('the autoencoder of $what computes the same in bands, but for rounding', ({ open }) => {
  let model: WeightsModel;
  beforeAll(async () => {
    model = (await open()) as WeightsModel;
  });

  test('decoder: square, several, oblong and small', async () => {
    const { downsampling: down, latentChannels } = model;
    const feeds = SHAPES.map(([rows, height, width]) => ({
      latent_sample: random(rows, latentChannels, height / down, width / down),
    }));
    for (const db of await psnrs((form) => buildDecoder(model.autoencoder, model.weights.autoencoder, form), feeds)) {
      expect(db).toBeGreaterThan(100);
    }
  });

  test('encoder: square, several, oblong and small', async () => {
    const feeds = SHAPES.map(([rows, height, width]) => ({ sample: random(rows, 3, height, width) }));
    for (const db of await psnrs((form) => buildEncoder(model.autoencoder, model.weights.autoencoder, form), feeds)) {
      expect(db).toBeGreaterThan(100);
    }
  });
});
