import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openModel } from '../../../src/engine/checkpoint/open.js';
import type { DeviceForms } from '../../../src/engine/graph/form.js';
import type { Model } from '../../../src/engine/model.js';
import type { Networks, Tensor } from '../../../src/engine/networks.js';
import { TorchGenerator } from '../../../src/engine/random/torch.js';
import { chooseDevice } from '../../../src/engine/runtime/device.js';
import { networksOn } from '../../../src/engine/runtime/open.js';
import { oracle } from '../../oracle.js';
import { useSwiftShader } from '../../swiftshader.js';

/** The WebGPU provider, with Chromium's Vulkan driver in software for want of a GPU: slow, but its shaders are a GPU's. */

const random = new TorchGenerator(5);
const noise = (...shape: number[]): Tensor => ({ data: random.randn(shape.reduce((a, b) => a * b)), shape });

describe('on WebGPU, in the forms that its trial chooses,', () => {
  let cache: string;
  let forms: DeviceForms;
  let model: Model;
  let [cpu, gpu]: Networks[] = [];
  beforeAll(async () => {
    useSwiftShader();
    cache = mkdtempSync(join(tmpdir(), 'easel-cache-'));
    const { trial, providers } = await chooseDevice('webgpu', { cache });
    expect(providers[0]!.adapter).toMatchObject({ name: 'SwiftShader', software: true });
    expect(trial!.float32).toBeLessThan(1e-3);
    forms = trial!.forms!;
    model = await openModel(oracle('ckpt/tiny/diffusers'), { safetyChecker: oracle('ckpt/safety_checker') });
    cpu = networksOn('cpu', model);
    gpu = networksOn('webgpu', model, { forms });
  });
  afterAll(async () => {
    await cpu?.close();
    await gpu?.close();
    rmSync(cache, { recursive: true });
  });

  test("SwiftShader's attention is written out, and it has no float16", () => {
    expect(forms.float32.attention).toBe('plain');
    expect(forms.float16).toBeUndefined();
  });

  test.each([
    [
      'text encoder',
      (n: Networks) =>
        n.encodeText(
          Int32Array.from({ length: 77 }, (_, k) => (k * 601) % 49408),
          1,
        ),
    ],
    ['UNet', (n: Networks) => n.predictNoise(SAMPLE, Float32Array.of(981, 21), CONTEXT)],
    ['decoder', (n: Networks) => n.decodeLatents(LATENTS)],
    ['decoder of seamless tiles', (n: Networks) => n.decodeLatents(LATENTS, 'both')],
    ['encoder', async (n: Networks) => (await n.encodeImage(PICTURE)).mean],
    ['safety checker', (n: Networks) => n.embedImage!(PIXELS)],
  ])('the %s gives what the processor gives, within a thousandth of its range', async (_, run) => {
    const [want, got] = [await run(cpu!), await run(gpu!)];
    expect(got.shape).toEqual(want.shape);
    const range = want.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const error = want.data.reduce((most, value, k) => Math.max(most, Math.abs(value - got.data[k]!)), 0);
    console.log(`  ${_}: off by ${(error / range).toExponential(1)} of the range`);
    expect(error / range).toBeLessThan(1e-3);
  });

  // Whole pictures: test/cli/webgpu.slow.test.ts.

  const [SAMPLE, CONTEXT, LATENTS] = [noise(2, 4, 8, 8), noise(2, 77, 16), noise(1, 4, 8, 8)];
  const [PICTURE, PIXELS] = [noise(1, 3, 64, 64), noise(1, 3, 224, 224)];
});
