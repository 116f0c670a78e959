import { expect, test } from 'vitest';
import { assemble } from '../../../src/engine/checkpoint/assemble.js';
import { inferText, textFinder } from '../../../src/engine/checkpoint/compvis/text.js';
import { textShapes } from '../../../src/engine/checkpoint/layout/text.js';
import { readSafetensors } from '../../../src/engine/checkpoint/safetensors.js';
import { buildTextEncoder } from '../../../src/engine/graph/text-encoder.js';
import { NetworkSession } from '../../../src/engine/runtime/session.js';
import { bundled } from '../../oracle.js';
import { expectClose, floats } from './goldens.js';

test("LAION-400M's text encoder gives the reference's numbers", async () => {
  const file = bundled('second/laion400m/ckpt/laion-text.safetensors');
  const finder = textFinder(file, (await readSafetensors(file)).tensors);
  const config = inferText(file, finder);
  const { weights, missing } = assemble(file, textShapes(config), finder.find);
  expect(missing).toEqual([]);

  const golden = (name: string) => floats(bundled(`second/laion400m/goldens/model/text/${name}.npy`));
  await using session = new NetworkSession('text', () => buildTextEncoder(config, weights), {});
  const { data, shape } = golden('ids');
  const { last_hidden_state: got } = await session.run({ input_ids: { data: Int32Array.from(data), shape } });
  // Layer norms with 1e-6 instead of 1e-5 would be off by 6e-3, the other gelu by 7e-4, a mask by 4.
  expectClose(got!, golden('last_hidden_state'), 5e-5);
});
