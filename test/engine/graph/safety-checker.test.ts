import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openModel } from '../../../src/engine/checkpoint/open.js';
import { CheckpointError } from '../../../src/engine/errors.js';
import { buildSafetyChecker } from '../../../src/engine/graph/safety-checker.js';
import type { Networks } from '../../../src/engine/networks.js';
import { networksOn } from '../../../src/engine/runtime/open.js';
import { oracle } from '../../oracle.js';
import { expectClose, floats } from './goldens.js';

interface SafetyCase {
  image: string;
  pixel_values?: string;
  image_embeds: string;
}

describe("the safety checker's vision tower", () => {
  let networks: Networks;
  beforeAll(async () => {
    const model = await openModel(oracle('ckpt/tiny/diffusers'), { safetyChecker: oracle('ckpt/safety_checker') });
    networks = networksOn('cpu', model);
  });
  afterAll(() => networks.close());

  const { cases } = JSON.parse(readFileSync(oracle('goldens/safety/index.json'), 'utf8')) as { cases: SafetyCase[] };

  test.each(cases.filter(({ pixel_values }) => pixel_values))(
    "gives the reference's embedding of $image",
    async (one) => {
      const pixels = floats(oracle(`goldens/safety/${one.pixel_values}`));
      const want = floats(oracle(`goldens/safety/${one.image_embeds}`));
      const got = await networks.embedImage!({ data: pixels.data, shape: [1, 3, 224, 224] });
      expectClose({ data: got.data, shape: [want.data.length] }, { data: want.data, shape: [want.data.length] }, 1e-3);
    },
  );
});

test('an invalid configuration is refused with what does not fit', async () => {
  const weights = new Map([
    ['x', { dtype: 'F32' as const, shape: [1], file: '/m/safety/model.safetensors', offset: 0 }],
  ]);
  const built = buildSafetyChecker({ vision_config: { hidden_size: 'wide' } }, weights);
  await expect(built).rejects.toThrow(CheckpointError);
  await expect(built).rejects.toThrow(/^\/m\/safety\/model\.safetensors: .*vision_config\.hidden_size.* Download/);
});
