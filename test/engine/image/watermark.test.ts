import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import type { Pixels } from '../../../src/engine/image/pixels.js';
import { readWatermark, WATERMARK, watermark, watermarkLikeness } from '../../../src/engine/image/watermark.js';
import { oracle, wholeOracle } from '../../oracle.js';

interface Case {
  id: string;
  before: string;
  sha256_after_rgb: string;
  decoded_by_python_hex: string;
}

const folders = [
  join(import.meta.dirname, '../../fixtures/image/watermark'),
  ...(wholeOracle ? [oracle('goldens/watermark')] : []),
];
const cases = folders.flatMap((folder) => {
  const index = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as { cases: Case[] };
  return index.cases.map((entry) => ({ ...entry, file: join(folder, entry.before) }));
});

async function open(file: string): Promise<Pixels> {
  const { data, info } = await sharp(file).raw().toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, data };
}

describe('the watermark', () => {
  test.each(cases)('of $id has the bytes of the Python package, and reads back what Python reads', async (golden) => {
    const marked = watermark(await open(golden.file));
    expect(createHash('sha256').update(marked.data).digest('hex')).toBe(golden.sha256_after_rgb);
    expect(Buffer.from(readWatermark(marked)!).toString('hex')).toBe(golden.decoded_by_python_hex);
  });

  test('is readable in a natural picture, and not there before', async () => {
    const before = await open(cases.find(({ id }) => id === 'natural_256x320')!.file);
    const after = watermark(before);
    expect(new TextDecoder().decode(readWatermark(after)!)).toBe(WATERMARK);
    expect(watermarkLikeness(readWatermark(after)!)).toBe(1);
    expect(watermarkLikeness(readWatermark(before)!)).toBeLessThan(0.7);
  });

  test('does not fit into fewer than 65,536 pixels', () => {
    const small = { width: 256, height: 255, data: new Uint8Array(256 * 255 * 3) };
    const enough = { width: 512, height: 128, data: new Uint8Array(512 * 128 * 3) };
    expect(watermark(small)).toBe(small);
    expect(readWatermark(small)).toBeNull();
    expect(watermark(enough)).not.toBe(enough);
  });
});
