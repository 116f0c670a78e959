import { expect, test } from 'vitest';
import { inferUnet, unetKey } from '../../../src/engine/checkpoint/compvis/unet.js';
import { unetConfig, unetJson } from '../../../src/engine/checkpoint/configs.js';
import { unetShapes } from '../../../src/engine/checkpoint/layout/unet.js';
import type { StoredTensor } from '../../../src/engine/checkpoint/tensor.js';
import type { UNetConfig } from '../../../src/engine/model.js';

const COMMON = { in_channels: 4, out_channels: 4, cross_attention_dim: 768, attention_head_dim: 8 };
const CROSS = ['CrossAttnDownBlock2D', 'CrossAttnUpBlock2D'] as const;
const PLAIN = ['DownBlock2D', 'UpBlock2D'] as const;
const blocks = (...levels: (readonly [string, string])[]) => ({
  down_block_types: levels.map(([down]) => down),
  up_block_types: levels.map(([, up]) => up).reverse(),
  layers_per_block: 1,
});

/** As their configurations are published: github.com/Nota-NetsPresso/BK-SDM, huggingface.co/IDKiro/sdxs-512-0.9. */
const DISTILLED: [name: string, json: object, parameters: number][] = [
  [
    'BK-SDM base',
    { ...COMMON, ...blocks(CROSS, CROSS, CROSS, PLAIN), block_out_channels: [320, 640, 1280, 1280] },
    579_384_964,
  ],
  [
    'BK-SDM small',
    {
      ...COMMON,
      ...blocks(CROSS, CROSS, CROSS, PLAIN),
      block_out_channels: [320, 640, 1280, 1280],
      mid_block_type: null,
    },
    482_346_884,
  ],
  [
    'BK-SDM tiny',
    { ...COMMON, ...blocks(CROSS, CROSS, CROSS), block_out_channels: [320, 640, 1280], mid_block_type: null },
    323_384_964,
  ],
  [
    'SDXS',
    { ...COMMON, ...blocks(PLAIN, CROSS, CROSS), block_out_channels: [320, 640, 1280], mid_block_type: null },
    0,
  ],
];

const configOf = (json: object) => unetConfig('config.json', unetJson.parse(json));

test.each(DISTILLED.slice(0, 3))('%s has as many parameters as its authors say', (_, json, parameters) => {
  const sum = [...unetShapes(configOf(json)).values()].reduce(
    (all, shape) => all + shape.reduce((a, b) => a * b, 1),
    0,
  );
  expect(sum).toBe(parameters);
});

test.each(DISTILLED)('%s is read from the keys of a single file', (_, json) => {
  const config = configOf(json);
  const tensors = new Map<string, StoredTensor>();
  for (const [name, shape] of unetShapes(config)) {
    tensors.set(unetKey(config, name), { dtype: 'F16', shape, file: '', offset: 0 } as unknown as StoredTensor);
  }
  const inferred: UNetConfig = inferUnet('file', (key) => tensors.get(key));
  expect(inferred).toEqual(config);
});
