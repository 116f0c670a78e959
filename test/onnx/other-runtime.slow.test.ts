import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openModel } from '../../src/engine/checkpoint/open.js';
import { readSafetensors } from '../../src/engine/checkpoint/safetensors.js';
import { buildDecoder, buildEncoder } from '../../src/engine/graph/autoencoder.js';
import type { BuiltGraph } from '../../src/engine/graph/built-graph.js';
import { FUSED } from '../../src/engine/graph/form.js';
import { buildSafetyChecker } from '../../src/engine/graph/safety-checker.js';
import { buildTextEncoder } from '../../src/engine/graph/text-encoder.js';
import { buildUNet } from '../../src/engine/graph/unet.js';
import type { WeightsModel } from '../../src/engine/model.js';
import { type Feeds, NetworkSession } from '../../src/engine/runtime/session.js';
import { oracle } from '../oracle.js';

const python = process.env.EASEL_PYTHON ?? 'python3';
const reason =
  spawnSync(python, ['-c', 'import onnx, onnxruntime']).status === 0
    ? ''
    : ` (skipped: ${python} has no onnx or onnxruntime; set EASEL_PYTHON)`;

interface Written {
  model: string;
  inputs: Record<string, Stored>;
  outputs: Record<string, Stored>;
}

interface Stored {
  file: string;
  type: 'float32' | 'int32';
  shape: readonly number[];
}

describe.skipIf(reason !== '')(`models that we write, in another runtime${reason}`, () => {
  const fixtures = oracle('ckpt/nano');
  const manifest: Written[] = [];
  let folder: string;
  let model: WeightsModel;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'easel-check-'));
    for (const file of ['nano-ema-only.safetensors', 'v1-nano.yaml'])
      copyFileSync(join(fixtures, file), join(folder, file));
    const options = { config: join(folder, 'v1-nano.yaml') };
    model = (await openModel(join(folder, 'nano-ema-only.safetensors'), options)) as WeightsModel;
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Writes the model beside its weights, runs it here, and notes both for the other runtime. */
  async function write(name: string, build: () => Promise<BuiltGraph>, feeds: Feeds): Promise<void> {
    const built = await build();
    expect(dirname(model.path)).toBe(built.folder);
    writeFileSync(join(folder, `${name}.onnx`), built.model);
    await using session = new NetworkSession(name, build, {});
    const outputs = await session.run(feeds, await session.outputNames());
    const store = (values: Feeds): Record<string, Stored> =>
      Object.fromEntries(
        Object.entries(values).map(([key, { data, shape }]) => {
          const file = `${name}-${key}.bin`;
          writeFileSync(join(folder, file), new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
          return [key, { file, type: data instanceof Int32Array ? 'int32' : 'float32', shape }];
        }),
      );
    manifest.push({ model: `${name}.onnx`, inputs: store(feeds), outputs: store(outputs) });
  }

  const waves = (...shape: number[]) => ({
    data: Float32Array.from({ length: shape.reduce((a, b) => a * b) }, (_, k) => Math.sin(k * 1.3)),
    shape,
  });

  test('all networks pass the official checker and give the same numbers', { timeout: 120_000 }, async () => {
    const { text, unet, autoencoder, weights } = model;
    const step = { sample: waves(2, 4, 8, 12), timestep: { data: Float32Array.of(981, 20), shape: [2] } };
    const states = { encoder_hidden_states: waves(2, 77, text.hiddenSize) };
    await write('text', () => buildTextEncoder(text, weights.text), {
      input_ids: { data: Int32Array.from({ length: 154 }, (_, k) => (k * 613) % text.vocabSize), shape: [2, 77] },
    });
    await write('unet', () => buildUNet(unet, weights.unet), { ...step, ...states });
    await write('encoder', () => buildEncoder(autoencoder, weights.autoencoder), { sample: waves(1, 3, 16, 24) });
    await write('decoder', () => buildDecoder(autoencoder, weights.autoencoder), { latent_sample: waves(1, 4, 8, 12) });
    const file = join(folder, 'safety.safetensors');
    copyFileSync(oracle('ckpt/safety_checker/model.safetensors'), file);
    const { tensors } = await readSafetensors(file);
    const config: unknown = JSON.parse(readFileSync(oracle('ckpt/safety_checker/config.json'), 'utf8'));
    await write('safety', () => buildSafetyChecker(config, tensors), { pixel_values: waves(2, 3, 224, 224) });

    const half = await buildUNet(unet, weights.unet, { ...FUSED, float: 'float16' });
    writeFileSync(join(folder, 'unet-half.onnx'), half.model);
    manifest.push({ ...manifest.find(({ model }) => model === 'unet.onnx')!, model: 'unet-half.onnx', outputs: {} });

    writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
    const checked = spawnSync(python, [join(import.meta.dirname, 'check.py'), join(folder, 'manifest.json')], {
      encoding: 'utf8',
    });
    expect(checked.status, checked.stdout + checked.stderr).toBe(0);
    console.log(checked.stdout);
  });
});
