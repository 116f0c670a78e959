import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { describeCheckpoint } from '../../../src/engine/checkpoint/describe.js';
import { openModel } from '../../../src/engine/checkpoint/open.js';
import type { StoredTensor } from '../../../src/engine/checkpoint/tensor.js';
import { readValues } from '../../../src/engine/checkpoint/values.js';
import { EMBEDDED_MODEL } from '../../../src/engine/embedded-model.js';
import { withLora } from '../../../src/engine/lora/merge.js';
import type { WeightsModel } from '../../../src/engine/model.js';

const FOLDER = 'test/fixtures/lycoris';
const file = (name: string) => join(FOLDER, name);

interface Golden {
  sum: number;
  absolute: number;
  values: [number, number][];
}

/** Written by test/fixtures/lycoris/make.py with LyCORIS, PEFT and PyTorch. */
const golden: Record<string, Record<string, Golden>> = JSON.parse(readFileSync(file('golden.json'), 'utf8'));

/** The embedded model, in 32 bits: sums are not rounded. */
let model: WeightsModel;
beforeAll(async () => {
  const opened = (await openModel(EMBEDDED_MODEL)) as WeightsModel;
  const touched = new Set(Object.values(golden).flatMap((changes) => Object.keys(changes)));
  const unet = new Map(opened.weights.unet);
  for (const name of touched) {
    const tensor = unet.get(name)!;
    const bytes = new Uint8Array((await readValues(tensor)).buffer);
    unet.set(name, { ...tensor, dtype: 'F32', bytes });
  }
  model = { ...opened, weights: { ...opened.weights, unet } };
});

/** What a file adds to the UNet's tensors. */
async function changesOf(name: string, weight = 1): Promise<Map<string, Float32Array>> {
  const merged = await withLora(model, [{ file: file(name), weight }]);
  expect(merged.warnings).toEqual(model.warnings);
  const changes = new Map<string, Float32Array>();
  for (const [key, tensor] of merged.weights.unet as Map<string, StoredTensor>) {
    const before = model.weights.unet.get(key)!;
    if (tensor === before) continue;
    const [old, now] = [await readValues(before), await readValues(tensor)];
    changes.set(
      key,
      now.map((value, k) => value - old[k]!),
    );
  }
  return changes;
}

describe('a file is merged into what the library that trained it makes of the weights', () => {
  test.each(Object.keys(golden))('%s', async (name) => {
    const changes = await changesOf(name);
    expect([...changes.keys()].sort()).toEqual(Object.keys(golden[name]!).sort());
    for (const [key, { sum, absolute, values }] of Object.entries(golden[name]!)) {
      const change = changes.get(key)!;
      const scale = absolute / change.length;
      expect(Math.abs(change.reduce((total, value) => total + value, 0) - sum)).toBeLessThan(1e-3 * absolute);
      expect(change.reduce((total, value) => total + Math.abs(value), 0) / absolute).toBeCloseTo(1, 3);
      for (const [k, value] of values) expect(Math.abs(change[k]! - value)).toBeLessThan(1e-2 * scale);
    }
  });

  test('of half the weight is changed by half, whatever the way', async () => {
    for (const name of ['dora', 'oft', 'boft', 'ia3', 'glora', 'full']) {
      const [whole, half] = [await changesOf(`${name}.safetensors`), await changesOf(`${name}.safetensors`, 0.5)];
      for (const [key, change] of whole) {
        const scale = golden[`${name}.safetensors`]![key]!.absolute / change.length;
        expect(change.every((value, k) => Math.abs(value / 2 - half.get(key)![k]!) < 1e-2 * scale)).toBe(true);
      }
    }
  });
});

test.each([
  ['dora', 'modules: 3; LoRA with DoRA'],
  ['oft', 'modules: 1; OFT'],
  ['boft', 'modules: 1; BOFT'],
  ['ia3', 'modules: 3; (IA)^3'],
  ['glora', 'modules: 2; GLoRA'],
  ['full', 'modules: 2; full'],
  ['peft/adapter_model', 'modules: 2; LoRA with DoRA'],
])('easel inspect says what is in %s', async (name, content) => {
  const { architecture, codes, warnings } = await describeCheckpoint(file(`${name}.safetensors`), { hash: true });
  expect(architecture).toMatch(/^a LoRA; /);
  expect(codes).toEqual(['isLora']);
  expect(architecture).toContain(content);
  expect(warnings).toEqual([]);
});
