import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PainterDied } from '../../../src/bot/painter/job-painter.js';
import { Painter } from '../../../src/bot/painter/painter.js';
import { DEFAULT_MODEL } from '../../../src/config.js';
import { EaselError } from '../../../src/engine/errors.js';
import { encodePng, readMetadata, StableDiffusion } from '../../../src/engine/index.js';
import { packageRoot } from '../../../src/package-root.js';
import { STEP } from '../../embedded.js';
import { aRequest } from '../request.js';
import { painterConfig as config } from './config.js';

const log = pino({ level: 'silent' });
let painter: Painter;

beforeAll(() => {
  painter = new Painter(config, log, { backOff: 10 });
});
afterAll(() => painter.close());

test('it paints what the engine paints, with the parameters in the file', async () => {
  const request = aRequest({ count: 2, seed: 7 });
  const { pictures } = await painter.paint(request);
  await using engine = await StableDiffusion.open(join(config.modelsDir, DEFAULT_MODEL), { device: 'cpu', threads: 1 });
  const { prompt, negative, width, height, count, steps, scale, seed } = request;
  const own = await engine.txt2img({ prompt, negative, width, height, count, steps, scale, seed, sampler: 'ddim' });
  expect(pictures.map((picture) => picture.seed)).toEqual([7, 8]);
  for (const [index, { pixels, parameters }] of own.entries()) {
    expect(Buffer.from(pictures[index]!.png!).equals(await encodePng(pixels, parameters))).toBe(true);
  }
  expect(await readMetadata(pictures[1]!.png!)).toMatchObject({ prompt, steps, seed: 8, width, height });
});

test('it reports every step and that the picture is decoded, with small previews now and then', async () => {
  const told: { step: number; total: number; preview: Uint8Array | null }[] = [];
  await painter.paint(aRequest({ steps: 4 }), { onProgress: (progress) => told.push(progress) });
  const steps = told.filter(({ preview }) => !preview).map(({ step, total }) => `${step}/${total}`);
  expect(steps).toEqual(['1/4', '2/4', '3/4', '4/4', '4/4']);
  const previews = told.flatMap(({ preview }) => (preview ? [preview] : []));
  expect(previews.length).toBeGreaterThan(0);
  // As large as the picture will be.
  expect(await sharp(previews[0]).metadata()).toMatchObject({ format: 'png', width: 64, height: 64 });
});

test('it keeps int8 weights in the folder that the settings name', async () => {
  const cache = mkdtempSync(join(tmpdir(), 'easel-cache-'));
  const own = new Painter({ ...config, precision: 'int8', cache }, log);
  try {
    await own.paint(aRequest({ steps: 1 }));
    expect(readdirSync(join(cache, 'int8'))).toContainEqual(expect.stringMatching(/^unet-.*safetensors$/));
  } finally {
    await own.close();
    rmSync(cache, { recursive: true });
  }
});

test('what a safety checker is to see first is not previewed, though it be kept if found', async () => {
  const modelsDir = mkdtempSync(join(tmpdir(), 'easel-models-'));
  cpSync(join(config.modelsDir, DEFAULT_MODEL), join(modelsDir, DEFAULT_MODEL), { recursive: true });
  cpSync(join(packageRoot, 'test/fixtures/safety-always'), join(modelsDir, DEFAULT_MODEL, 'safety_checker'), {
    recursive: true,
  });
  const previewsWith = async (safetyChecker: boolean, keepFlagged: boolean, steps = 4) => {
    const own = new Painter({ ...config, modelsDir, safetyChecker }, log);
    const previews: (Uint8Array | null)[] = [];
    const { pictures } = await own
      .paint(aRequest({ steps, keepFlagged }), { onProgress: ({ preview }) => previews.push(preview) })
      .finally(() => own.close());
    expect(pictures[0]!.flagged).toBe(safetyChecker);
    return previews.filter(Boolean).length;
  };
  try {
    expect(await previewsWith(true, false)).toBe(0);
    expect(await previewsWith(true, true)).toBe(0);
    // The first preview takes a moment, in which a few steps are over.
    expect(await previewsWith(false, false, 100)).toBeGreaterThan(0);
  } finally {
    rmSync(modelsDir, { recursive: true });
  }
});

/** A picture of one colour, decoded. */
const plain = (width: number, height: number) => ({
  source: { image: { width, height, data: new Uint8Array(3 * width * height).fill(160) }, frames: 1 },
});

test('img2img starts from the picture that it asks for once the model is open', async () => {
  const steps: number[] = [];
  const request = aRequest({ kind: 'img2img', strength: 0.5, source: 'key', width: 128, height: 128 });
  const { pictures } = await painter.paint(request, {
    onBegun: () => steps.push(0),
    pictures: async (sizeStep) => {
      steps.push(sizeStep);
      return plain(128, 64);
    },
  });
  expect(steps).toEqual([0, STEP]);
  expect(pictures).toMatchObject([{ width: 128, height: 64 }]);
});

test('upscaling doubles the sides', async () => {
  const request = aRequest({ kind: 'upscale', strength: 0.3, source: 'key', width: 128, height: 128 });
  const [large] = (await painter.paint(request, { pictures: async () => plain(64, 64) })).pictures;
  expect([large!.width, large!.height]).toEqual([128, 128]);
});

test('an impossible request fails with a message for its author, and the process lives on', async () => {
  const { pid } = painter;
  const painting = painter.paint(aRequest({ width: 65 }));
  await expect(painting).rejects.toThrow(EaselError);
  await expect(painting).rejects.toThrow(/65/);
  const refused = async () => {
    throw new EaselError('no picture');
  };
  const noPicture = painter.paint(aRequest({ kind: 'img2img', source: 'key' }), { pictures: refused });
  await expect(noPicture).rejects.toThrow('no picture');
  expect(painter.pid).toBe(pid);
});

test('a missing model is an error for the operator, not the author', async () => {
  const own = new Painter(config, log);
  const error = await own.paint(aRequest({ model: 'missing' })).catch((error) => error);
  expect(error).not.toBeInstanceOf(EaselError);
  expect(error.name).toBe('CheckpointError');
  await own.close();
});

test('an abort ends the job at its next step, and the process paints the next', async () => {
  const abort = new AbortController();
  const steps: number[] = [];
  const painting = painter.paint(aRequest({ steps: 200, width: 128, height: 128 }), {
    signal: abort.signal,
    onProgress: ({ step }) => {
      steps.push(step);
      abort.abort(new Error('no longer wanted'));
    },
  });
  await expect(painting).rejects.toThrow('no longer wanted');
  expect(steps.length).toBeLessThan(50);
  const { pid } = painter;
  expect((await painter.paint(aRequest())).pictures).toHaveLength(1);
  expect(painter.pid).toBe(pid);
});

test('kill -9 in the middle of a job fails it, and the next starts another process', async () => {
  const before = painter.restarts;
  const { pid } = painter;
  const painting = painter.paint(aRequest({ steps: 200 }), { onProgress: () => process.kill(pid!, 'SIGKILL') });
  await expect(painting).rejects.toThrow(PainterDied);
  await expect(painting).rejects.toThrow(/SIGKILL/);
  expect((await painter.paint(aRequest())).pictures).toHaveLength(1);
  expect(painter.pid).not.toBe(pid);
  expect(painter.restarts).toBe(before + 1);
});

test('a process that died while it had nothing to do is replaced', async () => {
  const { pid } = painter;
  process.kill(pid!, 'SIGKILL');
  await expect
    .poll(() =>
      painter.paint(aRequest()).then(
        () => painter.pid,
        () => pid,
      ),
    )
    .not.toBe(pid);
});

test('a painter that is silent for too long is killed', async () => {
  const own = new Painter(config, log, { silence: 300, backOff: 10 });
  await expect(own.paint(aRequest({ width: 512, height: 512, count: 4 }))).rejects.toThrow(/said nothing for 0.3 s/);
  await own.close();
});

test('one that has grown too large is replaced between two jobs', async () => {
  const own = new Painter({ ...config, painterMemory: 1 }, log);
  expect((await own.paint(aRequest())).pictures).toHaveLength(1);
  expect(own.pid).toBeUndefined();
  expect(own.restarts).toBe(1);
  expect((await own.paint(aRequest())).pictures).toHaveLength(1);
  await own.close();
});

test('the processes get no secrets', async () => {
  process.env.DISCORD_TOKEN = 'MTIz.abc.secret';
  const own = new Painter(config, log);
  await own.paint(aRequest());
  expect(readFileSync(`/proc/${own.pid}/environ`, 'utf8')).not.toContain('MTIz.abc.secret');
  await own.close();
  delete process.env.DISCORD_TOKEN;
});
