import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openModel } from '../../../src/engine/checkpoint/open.js';
import { EMBEDDED_MODEL } from '../../../src/engine/embedded-model.js';
import type { Networks, Tensor } from '../../../src/engine/networks.js';
import { networksOn } from '../../../src/engine/runtime/open.js';
import { largestDifference } from './goldens.js';

/** Any diffusers folder; the model that ships unless EASEL_TEST_MODEL names another. */
const path = process.env.EASEL_TEST_MODEL ?? EMBEDDED_MODEL;
const python = process.env.EASEL_PYTHON ?? 'python3';
const reason =
  spawnSync(python, ['-c', 'import diffusers, transformers']).status === 0
    ? ''
    : ` (skipped: ${python} has no diffusers or transformers; set EASEL_PYTHON)`;

describe.skipIf(reason !== '')(`${path} and diffusers${reason}`, () => {
  let folder: string;
  let networks: Networks;
  const ours: Record<string, Tensor> = {};

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'easel-diffusers-'));
    const model = await openModel(path);
    if (model.kind !== 'weights') throw new Error(`${path} is not a folder of weights`);
    networks = networksOn('cpu', model);
    const waves = (...shape: number[]): Tensor => ({
      data: Float32Array.from(
        { length: shape.reduce((a, b) => a * b) },
        (_, k) => Math.sin(k * 0.71) + Math.cos(k * k),
      ),
      shape,
    });
    const ids = Int32Array.from({ length: 2 * model.maxTokens }, (_, k) => (k * 613) % model.text.vocabSize);
    const latents = waves(2, model.latentChannels, 16, 24);
    const picture = waves(1, 3, 64, 96);
    const timesteps = Float32Array.of(981, 21);
    const given = {
      ids: { data: ids, shape: [2, model.maxTokens] },
      latents,
      picture,
      timesteps: { data: timesteps, shape: [2] },
    };
    for (const [name, { data }] of Object.entries(given))
      writeFileSync(join(folder, name), new Uint8Array(data.buffer));
    const shapes = Object.fromEntries(Object.entries(given).map(([name, { shape }]) => [name, shape]));
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify(shapes));
    execFileSync(python, [join(import.meta.dirname, 'diffusers_numbers.py'), path, folder], { stdio: 'pipe' });

    ours.context = await networks.encodeText(ids, 2);
    ours.eps = await networks.predictNoise(latents, timesteps, ours.context);
    ours.decoded = await networks.decodeLatents(latents);
    const { mean, logvar } = await networks.encodeImage(picture);
    ours.mean = mean;
    ours.logvar = logvar!;
  });
  afterAll(async () => {
    await networks?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test.each(['context', 'eps', 'decoded', 'mean', 'logvar'])('agree on %s to 1e-4', (name) => {
    const theirs = new Float32Array(new Uint8Array(readFileSync(join(folder, name))).buffer);
    const difference = largestDifference(ours[name]!.data, theirs);
    console.log(`${name}: largest difference ${difference.toExponential(1)}`);
    expect(difference).toBeLessThan(1e-4);
  });
});
