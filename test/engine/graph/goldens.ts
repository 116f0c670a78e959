import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import type { Tensor } from '../../../src/engine/networks.js';
import { hasOracle, oracle, readNpy } from '../../oracle.js';

/** One call of a network in the reference code: what went in and what came out. */
export interface Case {
  id: string;
  kind: string;
  inputs: Record<string, { file: string }>;
  outputs: Record<string, { file: string }>;
  compvis_vs_diffusers_max_abs?: Record<string, number>;
}

/** Absolute tolerances by output (oracle: tools/oracle_common.py). */
const TOLERANCE: Record<string, number> = {
  last_hidden_state: 5e-5,
  eps: 2e-4,
  mean: 2e-4,
  logvar: 1e-4,
  x: 2e-4,
  pooled: 1e-3,
  image_embeds: 1e-3,
};

/** The cases of a folder ("goldens/tiny") of one kind; none where the oracle is not at hand. */
export function cases(folder: string, kind: string): Case[] {
  if (!hasOracle) return [];
  const { cases } = JSON.parse(readFileSync(oracle(`${folder}/index.json`), 'utf8')) as { cases: Case[] };
  return cases.filter((one) => one.kind === kind);
}

export function floats(path: string): Tensor {
  const { data, shape } = readNpy(oracle(path));
  return { data: Float32Array.from(data as Iterable<number>, Number), shape };
}

/** Asserts that `got` is the golden within max(10 x what CompVis and diffusers differ by, the output's tolerance). */
export function expectGolden(folder: string, golden: Case, name: string, got: Tensor): void {
  const seen = golden.compvis_vs_diffusers_max_abs?.[name] ?? 0;
  const want = floats(`${folder}/${golden.outputs[name]!.file}`);
  expectClose(got, want, Math.max(10 * seen, TOLERANCE[name]!));
}

export function expectClose(got: Tensor, want: Tensor, tolerance: number): void {
  expect(got.shape).toEqual(want.shape);
  expect(largestDifference(got.data, want.data)).toBeLessThanOrEqual(tolerance);
}

export function largestDifference(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  let largest = 0;
  // NaN compares false with everything: it must not pass as small.
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i]! - b[i]!);
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}
