import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readMetadata } from '../../../src/engine/image/metadata.js';
import { type Channels, hiding } from './picture-file.js';

const png = async (...given: Parameters<typeof hiding>) => (await hiding(...given)).png().toBuffer();

const INFOTEXT =
  'a fox, café 🦊\nNegative prompt: ugly\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 42, Size: 96x80';
const READ = {
  prompt: 'a fox, café 🦊',
  negative: 'ugly',
  steps: 20,
  sampler: 'Euler a',
  scale: 7,
  seed: 42,
  width: 96,
  height: 80,
  other: {},
};
const NOVELAI = JSON.stringify({
  Description: 'a fox',
  Software: 'NovelAI',
  Source: 'NovelAI Diffusion V4.5',
  Comment: JSON.stringify({ prompt: 'a fox', uc: 'ugly', steps: 28, seed: 123, scale: 5, sampler: 'k_euler' }),
});

describe('what is hidden in the pixels', () => {
  test.each<[string, Channels, boolean]>([
    ['stealth_pnginfo', 'alpha', false],
    ['stealth_pngcomp', 'alpha', true],
    ['stealth_rgbinfo', 'rgb', false],
    ['stealth_rgbcomp', 'rgb', true],
  ])('%s in %s is read', async (signature, channels, packed) => {
    const body = packed ? gzipSync(INFOTEXT) : Buffer.from(INFOTEXT);
    expect(await readMetadata(await png(channels, signature, body))).toEqual(READ);
  });

  test('in a picture lower than the signature is long', async () => {
    const file = await png('alpha', 'stealth_pnginfo', Buffer.from(INFOTEXT), undefined, { width: 400, height: 8 });
    expect(await readMetadata(file)).toEqual(READ);
  });

  test('in a lossless WebP', async () => {
    const file = await hiding('rgb', 'stealth_rgbcomp', gzipSync(INFOTEXT));
    expect(await readMetadata(await file.webp({ lossless: true }).toBuffer())).toEqual(READ);
  });

  test('by NovelAI is all of its texts', async () => {
    expect(await readMetadata(await png('alpha', 'stealth_pngcomp', gzipSync(NOVELAI)))).toEqual({
      prompt: 'a fox',
      negative: 'ugly',
      steps: 28,
      seed: 123,
      scale: 5,
      sampler: 'k_euler',
      model: 'NovelAI Diffusion V4.5',
      version: 'NovelAI',
      other: {},
    });
  });

  test.each<[string, () => Promise<Buffer>]>([
    ['a bomb', () => png('rgb', 'stealth_rgbcomp', gzipSync(Buffer.alloc(1_500_000)))],
    ['a length that ends outside the picture', () => png('alpha', 'stealth_pnginfo', Buffer.from('x'), 2 ** 19)],
    ['a length of half a byte', () => png('alpha', 'stealth_pnginfo', Buffer.from(INFOTEXT), 8 * INFOTEXT.length + 4)],
    ['the longest length', () => png('rgb', 'stealth_rgbinfo', Buffer.from('x'), 2 ** 32 - 8)],
    ['no length', () => png('alpha', 'stealth_pnginfo', Buffer.alloc(0))],
    ['what is not packed', () => png('alpha', 'stealth_pngcomp', Buffer.from(INFOTEXT))],
    ['what is cut', () => png('alpha', 'stealth_pngcomp', gzipSync(INFOTEXT).subarray(0, 40))],
    ['bytes that are no text', () => png('rgb', 'stealth_rgbinfo', Buffer.from([0x61, 0xff, 0xfe]))],
    ['the signature of other channels', () => png('rgb', 'stealth_pnginfo', Buffer.from(INFOTEXT))],
    ['a picture too small for any', () => png('rgb', 'stealth_rgbinfo', Buffer.alloc(0), 0, { width: 2, height: 2 })],
    ['pixels that are cut', async () => (await png('rgb', 'stealth_rgbinfo', Buffer.from(INFOTEXT))).subarray(0, 300)],
  ])('%s is nothing', async (_, file) => {
    expect(await readMetadata(await file())).toBeNull();
  });

  test('any text comes back whole, from any picture that holds it', async () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 }).filter((s) => /^\p{L}[^:\n]*$/u.test(s));
    const sides = fc.record({ width: fc.integer({ min: 60, max: 90 }), height: fc.integer({ min: 60, max: 90 }) });
    await fc.assert(
      fc.asyncProperty(text, sides, fc.constantFrom('rgb', 'alpha'), async (words, size, channels) => {
        const body = Buffer.from(words);
        fc.pre(8 * (body.length + 19) <= size.width * size.height);
        const file = await png(
          channels,
          channels === 'rgb' ? 'stealth_rgbinfo' : 'stealth_pnginfo',
          body,
          undefined,
          size,
        );
        expect((await readMetadata(file))?.prompt).toBe(words.trim());
      }),
      { numRuns: 15 },
    );
  });
});
