import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { anonymousMegabytes, PeakMemory } from '../../../bench/memory.js';
import { openModel } from '../../../src/engine/checkpoint/open.js';
import type { Model } from '../../../src/engine/model.js';
import type { Networks, Tensor } from '../../../src/engine/networks.js';
import { networksOn } from '../../../src/engine/runtime/open.js';
import { oracle, wholeOracle } from '../../oracle.js';
import { cases, expectGolden, floats } from './goldens.js';

const FULL = oracle('full/goldens');

/** The text golden's first row: the context of cases that do not bring one. */
function firstPrompt(): Tensor {
  const { data, shape } = floats(`${FULL}/text/last_hidden_state.npy`);
  const [, tokens, width] = shape as [number, number, number];
  return { data: data.subarray(0, tokens * width), shape: [1, tokens, width] };
}

/** The file is written by a script in Python; 4.3 GB, half a minute. EASEL_PYTHON names one that has numpy. */
const python = process.env.EASEL_PYTHON ?? 'python3';
const hasNumpy = spawnSync(python, ['-c', 'import numpy']).status === 0;
const reason = !wholeOracle ? 'the oracle is not at hand' : hasNumpy ? '' : `${python} has no numpy: set EASEL_PYTHON`;

describe.skipIf(reason !== '')(`a checkpoint of SD v1's full size${reason && ` (skipped: ${reason})`}`, () => {
  let folder: string;
  let model: Model;
  let networks: Networks;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'easel-full-'));
    const file = join(folder, 'full.ckpt');
    execFileSync(python, [oracle('full/make_full_ckpt.py'), file]);
    model = await openModel(file);
    networks = networksOn('cpu', model);
  });
  afterAll(async () => {
    await networks?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('opening it reads names and shapes only', async () => {
    const before = anonymousMegabytes();
    const started = performance.now();
    await openModel(model.path);
    expect(performance.now() - started).toBeLessThan(5000);
    expect(anonymousMegabytes() - before).toBeLessThan(100);
  });

  test.each(cases(FULL, 'text_encoder'))("text encoder: the reference's numbers ($id)", async (golden) => {
    const { data, shape } = golden.inputs.ids!;
    expectGolden(golden, 'last_hidden_state', await networks.encodeText(Int32Array.from(data), shape[0]!));
  });

  test.each(cases(FULL, 'unet'))("UNet: the reference's numbers ($id)", async (golden) => {
    const { x, t, context = firstPrompt() } = golden.inputs;
    expectGolden(golden, 'eps', await networks.predictNoise(x!, t!.data, context));
  });

  test.each(cases(FULL, 'vae_decode'))("decoder: the reference's numbers ($id)", async (golden) => {
    const { data, shape } = golden.inputs.z_scaled!;
    const got = await networks.decodeLatents({ data: data.map((z) => z / model.scalingFactor), shape });
    expectGolden(golden, 'x', got);
  });

  test('a guided step and the decode at 512x512 take less than 6 GiB of anonymous memory', async () => {
    await using peak = new PeakMemory();
    const random = (...shape: number[]) => ({
      data: Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => Math.random() * 2 - 1),
      shape,
    });
    await networks.predictNoise(random(2, 4, 64, 64), Float32Array.of(500, 500), random(2, 77, 768));
    const { data, shape } = await networks.decodeLatents(random(1, 4, 64, 64));
    expect(shape).toEqual([1, 3, 512, 512]);
    expect(data.every(Number.isFinite)).toBe(true);
    expect(peak.megabytes()).toBeLessThan(6 * 1024);
  });
});
