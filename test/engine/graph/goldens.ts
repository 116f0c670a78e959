import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Tensor } from '../../../src/engine/networks.js';
import { readNpy } from '../../oracle.js';

/** One call of a network in the reference code: its inputs and outputs. */
export interface Case {
  id: string;
  kind: string;
  inputs: Record<string, Tensor>;
  outputs: Record<string, Tensor>;
  tolerances: Record<string, number>;
}

/** Absolute tolerances by output (oracle: tools/oracle_common.py). */
const TOLERANCE: Record<string, number> = {
  last_hidden_state: 5e-5,
  eps: 2e-4,
  mean: 2e-4,
  logvar: 1e-4,
  x: 2e-4,
};

interface Index {
  cases: {
    id: string;
    kind: string;
    inputs: Record<string, { file: string }>;
    outputs: Record<string, { file: string }>;
    compvis_vs_diffusers_max_abs?: Record<string, number>;
  }[];
}

/** The cases of one kind in a folder with an index.json; none if there is no such folder. Values are read when asked for. */
export function cases(folder: string, kind: string): Case[] {
  const index = join(folder, 'index.json');
  if (!existsSync(index)) return [];
  const { cases } = JSON.parse(readFileSync(index, 'utf8')) as Index;
  return cases
    .filter((one) => one.kind === kind)
    .map(({ id, inputs, outputs, compvis_vs_diffusers_max_abs: seen }) => ({
      id,
      kind,
      inputs: lazily(folder, inputs),
      outputs: lazily(folder, outputs),
      // Ten times what CompVis's code and diffusers differ by, and never less than the output's own tolerance.
      tolerances: Object.fromEntries(
        Object.keys(outputs).map((name) => [name, Math.max(10 * (seen?.[name] ?? 0), TOLERANCE[name] ?? 0)]),
      ),
    }));
}

/** Any .npy as float32. */
export function floats(path: string): Tensor {
  const { data, shape } = readNpy(path);
  return { data: data instanceof Float32Array ? data : Float32Array.from(data as Iterable<number>, Number), shape };
}

export function expectGolden({ outputs, tolerances }: Case, name: string, got: Tensor): void {
  expectClose(got, outputs[name]!, tolerances[name]!);
}

export function expectClose(got: Tensor, want: Tensor, tolerance: number): void {
  expect(got.shape).toEqual(want.shape);
  expect(largestDifference(got.data, want.data)).toBeLessThanOrEqual(tolerance);
}

/** NaN if there is one in either. */
export function largestDifference(a: Float32Array, b: Float32Array): number {
  expect(a.length).toBe(b.length);
  return a.reduce((largest, value, i) => Math.max(largest, Math.abs(value - b[i]!)), 0);
}

function lazily(folder: string, files: Record<string, { file: string }>): Record<string, Tensor> {
  const tensors = {};
  for (const [name, { file }] of Object.entries(files)) {
    Object.defineProperty(tensors, name, { enumerable: true, get: () => floats(join(folder, file)) });
  }
  return tensors;
}
