import { describe, expect, test } from 'vitest';
import type { Pixels } from '../../../src/engine/image/pixels.js';
import { fitPreview, type PreviewMatrix, preview, SD1_PREVIEW } from '../../../src/engine/image/preview.js';
import { resize } from '../../../src/engine/image/resize.js';
import { TorchGenerator } from '../../../src/engine/random/torch.js';

describe('a preview', () => {
  test('has one pixel a latent: row by row, matrix times channels plus constants', () => {
    const matrix: PreviewMatrix = [
      [1, 0, 0],
      [0, 0.5, 0],
      [0, 0, -1],
    ];
    // Two channels of 3x2.
    const latents = Float32Array.from([-1, 0, 1, 2, -2, 0, 0, 2, -2, 0, 0, 0]);
    const { width, height, data } = preview(latents, 3, 2, matrix);
    expect([width, height]).toEqual([3, 2]);
    const rows = [0, 127, 0, 127, 255, 0, 255, 0, 0, 255, 127, 0, 0, 127, 0, 127, 127, 0];
    expect([...data]).toEqual(rows);
  });

  test("of SD v1's grey latents is grey", () => {
    const { data } = preview(new Float32Array(4), 1, 1, SD1_PREVIEW);
    expect([...data]).toEqual([127, 127, 127]);
  });

  test('is fitted to any autoencoder: a linear one is found again', () => {
    const truth: PreviewMatrix = [
      [0.2, 0.1, -0.1],
      [-0.1, 0.15, 0.1],
      [0.05, -0.2, 0.15],
      [0.1, 0.1, 0.2],
      [0.1, -0.05, 0],
    ];
    const latents = { data: new TorchGenerator(0).randn(4 * 4 * 16 * 16), shape: [4, 4, 16, 16] };
    // Decodes by the truth and enlarges every latent to 8x8 pixels.
    const pictures: Pixels[] = Array.from({ length: 4 }, (_, row) => {
      const small = preview(latents.data.subarray(row * 1024, (row + 1) * 1024), 16, 16, truth);
      const data = new Uint8Array(128 * 128 * 3);
      for (let i = 0; i < data.length; i++) {
        const pixel = Math.floor(i / 3);
        const from = Math.floor(pixel / 128 / 8) * 16 + Math.floor((pixel % 128) / 8);
        data[i] = small.data[from * 3 + (i % 3)]!;
      }
      return { width: 128, height: 128, data };
    });
    for (const [k, row] of fitPreview(latents, pictures).entries()) {
      for (const [colour, value] of row.entries()) expect(Math.abs(value - truth[k]![colour]!)).toBeLessThan(0.02);
    }
  });

  test('is fitted without failing when channels do not vary', () => {
    const latents = { data: new Float32Array(4 * 4), shape: [1, 4, 2, 2] };
    const white = resize({ width: 1, height: 1, data: new Uint8Array(3).fill(255) }, 16, 16, 'bicubic');
    const matrix = fitPreview(latents, [white]);
    expect(matrix.flat().every(Number.isFinite)).toBe(true);
    expect(preview(latents.data, 2, 2, matrix).data.every((value) => value > 250)).toBe(true);
  });
});
