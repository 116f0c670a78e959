import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { alphasCumprod, SD_V1_BETAS } from '../../../src/engine/checkpoint/schedule.js';

const sha256 = (values: Float32Array) => createHash('sha256').update(new Uint8Array(values.buffer)).digest('hex');

test("Stable Diffusion v1's noise schedule is the reference's to the last bit (oracle: tiny/tensors.json)", () => {
  expect(sha256(alphasCumprod(SD_V1_BETAS))).toBe('feaa14fe1393b7ed1ce4c56a6ce537d5269436fc8e3bdb971c7beb900a9cca48');
});

test('the cosine schedule starts near 1, falls, and stays above 0', () => {
  const alphas = alphasCumprod({ ...SD_V1_BETAS, kind: 'squaredcos_cap_v2' });
  expect(alphas[0]).toBeGreaterThan(0.999);
  expect(alphas.every((alpha, t) => alpha > 0 && (t === 0 || alpha < alphas[t - 1]!))).toBe(true);
});
