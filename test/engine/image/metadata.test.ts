import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { encodeJpeg, encodePng, encodeWebp } from '../../../src/engine/image/encode.js';
import { loadPicture } from '../../../src/engine/image/load.js';
import { parametersText, parseParameters } from '../../../src/engine/image/metadata/infotext.js';
import type { GenerationParameters } from '../../../src/engine/image/metadata/parameters.js';
import { readMetadata } from '../../../src/engine/image/metadata.js';
import type { Pixels } from '../../../src/engine/image/pixels.js';
import { readPng, withPngText } from '../../../src/engine/image/png-text.js';

const FIXTURES = join(import.meta.dirname, '../../fixtures/image/metadata');

const lighthouse: GenerationParameters = {
  prompt: 'a lighthouse at dusk, oil on canvas',
  negative: 'people, boats',
  steps: 20,
  sampler: 'DDIM',
  scale: 7.5,
  seed: 42,
  width: 512,
  height: 512,
  modelHash: '0b8d4d2a4c',
  model: 'sd-v1-4',
  strength: 0.75,
  rng: 'CPU',
  version: 'easel 0.1.0',
};

const noise: Pixels = {
  width: 33,
  height: 21,
  data: Uint8Array.from({ length: 33 * 21 * 3 }, (_, i) => (i * 7919) % 251),
};

describe('the parameters text', () => {
  test('has the layout that AUTOMATIC1111 writes', () => {
    expect(parametersText(lighthouse)).toBe(
      'a lighthouse at dusk, oil on canvas\nNegative prompt: people, boats\n' +
        'Steps: 20, Sampler: DDIM, CFG scale: 7.5, Seed: 42, Size: 512x512, Model hash: 0b8d4d2a4c, Model: sd-v1-4, ' +
        'Denoising strength: 0.75, RNG: CPU, Version: easel 0.1.0',
    );
  });

  test('leaves out what is not known, and an empty prompt', () => {
    const { prompt, negative, seed, modelHash, model, strength, ...rest } = lighthouse;
    expect(parametersText({ ...rest, prompt: '' })).toBe(
      'Steps: 20, Sampler: DDIM, CFG scale: 7.5, Size: 512x512, RNG: CPU, Version: easel 0.1.0',
    );
  });

  test('names Easel and its version unless told otherwise', () => {
    expect(parametersText({ ...lighthouse, version: undefined })).toMatch(
      /Model: sd-v1-4, Denoising strength: 0.75, RNG: CPU$/,
    );
    const { version, ...unnamed } = lighthouse;
    expect(parametersText(unnamed)).toMatch(/, Version: easel \d+\.\d+\.\d+$/);
  });

  test.each(['{', '['])('a value that starts like JSON, which a later one ends, comes back: %s', (model) => {
    const odd = { ...lighthouse, model, version: model === '{' ? '}' : ']' };
    expect(parseParameters(parametersText(odd))).toEqual({ ...odd, other: {} });
  });

  test('quotes values that would break the line', () => {
    const text = parametersText({ ...lighthouse, model: 'odd, "name": v2' });
    expect(text).toContain('Model: "odd, \\"name\\": v2", ');
    expect(parseParameters(text).model).toBe('odd, "name": v2');
  });

  test.each(['"', '"open', '"whole"', '""', '"\\"'])(
    'a value that starts like a quoted one comes back: %s',
    (model) => {
      const odd = { ...lighthouse, model, version: ',' };
      expect(parseParameters(parametersText(odd))).toEqual({ ...odd, other: {} });
    },
  );

  test('comes back whole, whatever the prompts', () => {
    const line = fc.string({ unit: 'grapheme' }).filter((text) => !text.trim().startsWith('Negative prompt:'));
    const prompt = fc.array(line, { maxLength: 4 }).map((lines) =>
      lines
        .map((each) => each.replaceAll(/[\n\r]/g, ' ').trim())
        .join('\n')
        .trim(),
    );
    const number = fc.double({ min: 0, max: 30, noNaN: true, noDefaultInfinity: true }).map(Math.abs);
    const name = fc
      .string({ minLength: 1 })
      .map((text) => text.trim())
      .filter((text) => text !== '');
    fc.assert(
      fc.property(
        fc.record({
          prompt,
          negative: prompt,
          steps: fc.nat(1000),
          sampler: fc.constantFrom('DDIM', 'Euler a', 'DPM++ 2M Karras'),
          scale: number,
          seed: fc.nat(2 ** 32 - 1),
          width: fc.integer({ min: 1, max: 4096 }),
          height: fc.integer({ min: 1, max: 4096 }),
          model: name,
          variationSeed: fc.nat(),
          variationStrength: number,
          strength: number,
          eta: number,
          // Without it, readers go by the version.
          rng: fc.constantFrom('CPU', 'GPU', 'NV'),
          version: name,
        }),
        (parameters) => {
          expect(parseParameters(parametersText(parameters))).toEqual({ ...parameters, other: {} });
        },
      ),
    );
  });

  test('has a variation seed where AUTOMATIC1111 writes it', () => {
    const text = parametersText({ ...lighthouse, variationSeed: 7, variationStrength: 0.2 });
    expect(text).toContain('Model: sd-v1-4, Variation seed: 7, Variation seed strength: 0.2, Denoising strength: 0.75');
  });

  test('of AUTOMATIC1111 is read with its own fields kept', () => {
    const text = readFileSync(join(FIXTURES, 'a1111.txt'), 'utf8');
    expect(parseParameters(text)).toEqual({
      prompt: 'portrait of a fox, (detailed:1.2)\nBREAK\nwinter forest: snow, fog',
      negative: 'blurry,\nlow quality',
      steps: 28,
      sampler: 'DPM++ 2M Karras',
      scale: 7,
      seed: 965400086,
      width: 512,
      height: 768,
      modelHash: '45dee52b',
      model: 'v1-5-pruned',
      clipSkip: 2,
      strength: 0.45,
      rng: 'GPU',
      version: 'v1.9.4',
      other: {
        'Hires upscale': '2',
        'Lora hashes': 'fox: 1a2b3c, snow: 4d5e6f',
        'Hires resize': '1024x1536',
      },
    });
  });

  test.each([
    ['Euler, Schedule type: Uniform', { sampler: 'Euler', scheduleType: 'Uniform' }],
    ['DPM++ 2M SDE, Schedule type: Polyexponential', { sampler: 'DPM++ 2M SDE', scheduleType: 'Polyexponential' }],
    ['DPM++ 2M SDE, Schedule type: Exponential', { sampler: 'DPM++ 2M SDE Exponential' }],
    ['Euler, Schedule type: SGM Uniform', { sampler: 'Euler SGM Uniform' }],
    ['Euler, Schedule type: Align Your Steps', { sampler: 'Euler Align Your Steps' }],
    ['DPM++ 2M Karras', { sampler: 'DPM++ 2M Karras' }],
    ['DPM++ 2M, Schedule type: Karras', { sampler: 'DPM++ 2M Karras' }],
  ])('the spacing of the noise levels of %s', (fields, wanted) => {
    const { prompt, negative, steps, seed, ...read } = parseParameters(`a fox\nSteps: 20, Sampler: ${fields}, Seed: 7`);
    expect(read).toEqual({ ...wanted, other: {} });
  });

  test.each([
    ['Easel before it named the CPU', 'Version: easel 0.1.0', 'CPU'],
    ['Easel with a GPU', 'RNG: GPU, Version: easel 0.1.0', 'GPU'],
    ['AUTOMATIC1111 with a GPU', 'Version: v1.10.1', 'GPU'],
    ['AUTOMATIC1111 with the CPU', 'RNG: CPU, Version: v1.10.1', 'CPU'],
    ["AUTOMATIC1111 with a GPU's numbers from the CPU", 'RNG: NV, Version: v1.10.1', 'NV'],
    ['Forge', 'Version: f2.0.1v1.10.1-previous-659-gc055f2d4', 'GPU'],
    ['a program that does not say what it is', 'Size: 512x512', undefined],
    ['another program', 'Version: ComfyUI', undefined],
  ])('the random numbers of %s', (_, fields, rng) => {
    expect(parseParameters(`a fox\nSteps: 20, Sampler: Euler, Seed: 7, ${fields}`).rng).toBe(rng);
  });

  test('without a line of fields is all prompt', () => {
    expect(parseParameters('a note: with, commas\nand: one more')).toEqual({
      prompt: 'a note: with, commas\nand: one more',
      negative: '',
      other: {},
    });
  });

  test('of a hostile file is read in a blink', () => {
    const started = performance.now();
    parseParameters(`${'a'.repeat(500_000)}\n${'a "'.repeat(200_000)}`);
    parseParameters(`x\n${'ab:"\\'.repeat(200_000)}`);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe('metadata in files', () => {
  const encoders = { png: encodePng, jpeg: encodeJpeg, webp: encodeWebp };

  test.each(Object.entries(encoders))('%s carries the parameters, in any script', async (_, encode) => {
    const parameters = { ...lighthouse, prompt: 'ein Türmchen 灯台 🗼\nam "Meer", abends', negative: 'Ｎebel' };
    expect(await readMetadata(await encode(noise, parameters))).toEqual({ ...parameters, other: {} });
  });

  test.each(Object.entries(encoders))('%s without parameters says nothing', async (_, encode) => {
    expect(await readMetadata(await encode(noise))).toBeNull();
  });

  test('a PNG keeps its pixels, and a text does not change them', async () => {
    const bytes = await encodePng(noise, lighthouse);
    expect((await loadPicture(bytes)).data).toEqual(noise.data);
    const plain = await encodePng(noise);
    expect(await sharp(bytes).raw().toBuffer()).toEqual(await sharp(plain).raw().toBuffer());
  });

  test.each(['jpeg', 'webp'] as const)('%s is the same picture with and without the parameters', async (format) => {
    const [with_, without] = [await encoders[format](noise, lighthouse), await encoders[format](noise)];
    expect((await loadPicture(with_)).data).toEqual((await loadPicture(without)).data);
    expect(with_.length).toBeGreaterThan(without.length);
  });

  test('a PNG text is Latin-1 where that is enough, else UTF-8, as Pillow writes it', async () => {
    const plain = await encodePng(noise);
    expect(withPngText(plain, 'parameters', 'Türmchen').includes('tEXtparameters\0T\xfcrmchen', 0, 'latin1')).toBe(
      true,
    );
    expect(withPngText(plain, 'parameters', '灯台').includes('iTXtparameters\0\0\0\0\0灯台', 0, 'utf8')).toBe(true);
  });

  test('packed texts, damaged texts and packed bombs are read, stepped over and refused', async () => {
    const plain = await encodePng(noise);
    const chunk = (type: string, body: Buffer) => {
      // Shaped by the writer, then renamed: the reader does not ask for the checksum.
      const made = withPngText(plain, 'x', 'y'.repeat(body.length - 2)).subarray(33, 33 + 12 + body.length);
      const copy = Buffer.from(made);
      copy.write(type, 4, 'latin1');
      body.copy(copy, 8);
      return copy;
    };
    const inside = (...chunks: Buffer[]) => Buffer.concat([plain.subarray(0, 33), ...chunks, plain.subarray(33)]);
    const packed = (text: string | Buffer) => Buffer.concat([Buffer.from('parameters\0\0'), deflateSync(text)]);
    const read = (...chunks: Buffer[]) => readPng(inside(...chunks)).texts.get('parameters');
    expect(read(chunk('zTXt', packed('packed')))).toBe('packed');
    const itxt = Buffer.concat([Buffer.from('parameters\0\x01\0de\0Angaben\0'), deflateSync('灯台')]);
    expect(read(chunk('iTXt', itxt))).toBe('灯台');
    const damaged = chunk('zTXt', Buffer.from('parameters\0\0not zlib'));
    expect(read(damaged, chunk('tEXt', Buffer.from('parameters\0good')))).toBe('good');
    expect(read(chunk('zTXt', packed(Buffer.alloc(2 ** 21))))).toBe('');
    expect(read(chunk('tEXt', Buffer.from(`parameters\0${'long '.repeat(2 ** 14)}`)))).toBe('');
    expect(read(chunk('tEXt', Buffer.from('no keyword')))).toBeUndefined();
  });

  test('cut anywhere, a file is read without an error', async () => {
    for (const bytes of [
      await encodePng(noise, lighthouse),
      await encodeJpeg(noise, lighthouse),
      await encodeWebp(noise, lighthouse),
    ]) {
      for (let length = 0; length < bytes.length; length += 13) await readMetadata(bytes.subarray(0, length));
    }
  });

  test.each(['a1111.png', 'a1111-utf8.png', 'a1111.jpg', 'a1111.webp'])(
    'of %s, made with Pillow and piexif, is read',
    async (file) => {
      const read = await readMetadata(readFileSync(join(FIXTURES, file)));
      expect(read).toMatchObject({
        prompt: file === 'a1111-utf8.png' ? 'fox 狐' : 'fôx',
        negative: 'blur',
        seed: 7,
        steps: 20,
      });
    },
  );

  test('nothing of a source picture is carried over', async () => {
    const source = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
      .jpeg()
      .withExif({ IFD0: { Artist: 'Jane Doe' }, IFD3: { GPSLatitude: '52/1 31/1 0/1' } })
      .toBuffer();
    const pixels = await loadPicture(source);
    for (const encode of Object.values(encoders)) {
      const { exif, xmp, icc, comments } = await sharp(await encode(pixels)).metadata();
      expect([exif, xmp, icc, comments]).toEqual([undefined, undefined, undefined, undefined]);
      expect((await encode(pixels, lighthouse)).includes('Jane Doe')).toBe(false);
    }
  });
});
