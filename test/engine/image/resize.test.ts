import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Pixels } from '../../../src/engine/image/pixels.js';
import { resize } from '../../../src/engine/image/resize.js';
import { oracle, readNpy, wholeOracle } from '../../oracle.js';

interface Case {
  input: string;
  output: string;
  filter: 'lanczos' | 'bicubic';
}

function picture(file: string): Pixels {
  const { shape, data } = readNpy(file);
  return { width: shape[1]!, height: shape[0]!, data: data as Uint8Array };
}

function check(folder: string): void {
  const { cases } = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as { cases: Case[] };
  for (const { input, output, filter } of cases) {
    const want = picture(join(folder, output));
    const got = resize(picture(join(folder, input)), want.width, want.height, filter);
    expect(Buffer.from(got.data).equals(want.data), `${folder}/${input}`).toBe(true);
  }
}

describe('resize', () => {
  test('gives the bytes of Pillow, enlarging and shrinking, Lanczos and bicubic', () => {
    check(join(import.meta.dirname, '../../fixtures/image/resize'));
  });

  if (wholeOracle) {
    test('gives the bytes of Pillow for all cases of the oracle', () => check(oracle('goldens/resize')));
  }

  test('gives the same picture for the same size', () => {
    const same = { width: 2, height: 1, data: Uint8Array.of(1, 2, 3, 250, 251, 252) };
    expect(resize(same, 2, 1, 'lanczos')).toEqual(same);
  });

  test('keeps a flat colour flat', () => {
    const flat = { width: 7, height: 5, data: new Uint8Array(105).fill(201) };
    expect(new Set(resize(flat, 31, 2, 'bicubic').data)).toEqual(new Set([201]));
  });
});
