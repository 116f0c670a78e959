import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_MODEL } from '../../../src/config.js';
import { EMBEDDED_MODEL } from '../../../src/engine/embedded-model.js';
import type { ErrorCode } from '../../../src/engine/errors.js';
import { packageRoot } from '../../../src/package-root.js';
import { takeApart, writeSafetensors } from '../../engine/checkpoint/write-safetensors.js';
import { type LogLine, QUICK, Studio } from './harness.js';

// Who an error is for: the author is told what they can fix; everything else is the operator's, and the author gets a
// number.

/** What only the operator may see. */
const OPERATORS = /\/|npm|DEVICE|TMPDIR|coreml|NaN|tensor|temporary/;

let folder: string;
const { TMPDIR } = process.env;
const cwd = process.cwd();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'easel-errors-'));
  for (const model of [DEFAULT_MODEL, 'spoilt', 'cut-off'])
    cpSync(EMBEDDED_MODEL, join(folder, 'models', model), { recursive: true });
  const unet = join(folder, 'models/spoilt/unet/diffusion_pytorch_model.safetensors');
  const tensors = await takeApart(unet);
  const bias = tensors.get('conv_out.bias')!;
  const bytes = Uint8Array.from(bias.bytes);
  new DataView(bytes.buffer).setUint16(0, 0x7e00, true);
  const spoilt = { ...bias, bytes };
  await writeSafetensors(unet, new Map(tensors).set('conv_out.bias', spoilt));
  mkdirSync(join(folder, 'models/lora'));
  cpSync(join(packageRoot, 'test/fixtures/lora/kohya.safetensors'), join(folder, 'models/lora/kohya.safetensors'));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function withStudio(env: NodeJS.ProcessEnv, act: (studio: Studio) => Promise<void>): Promise<void> {
  const studio = await Studio.start({ MODELS_DIR: join(folder, 'models'), ...env });
  try {
    await act(studio);
  } finally {
    await studio.stop();
  }
}

/** Asks, and resolves with what the answer became. */
async function answerTo(studio: Studio, values: Parameters<Studio['imagine']>[2]): Promise<string> {
  const { discord, alice, general } = studio;
  const { message } = await discord.as(alice).run(general, 'imagine', { prompt: 'a red apple', ...QUICK, ...values });
  await studio.idle(120_000);
  await discord.until(() => /`\w+`|could not be painted|megapixels/.test(discord.message(message).content), 60_000);
  return discord.message(message).content;
}

/** The member has a number and nothing else; the log has the number and what is wrong. */
function expectOperators(studio: Studio, answer: string, logged: RegExp, code?: ErrorCode): void {
  const [, id] = /not your fault.*`(\w+)`/s.exec(answer) ?? [];
  expect(id, answer).toBeDefined();
  expect(answer).not.toMatch(OPERATORS);
  const lines = studio.log.filter((line) => (line as LogLine & { job?: string }).job === id);
  expect(lines.map(({ level, err }) => [level, err?.message, err?.code])).toEqual([
    ['error', expect.stringMatching(logged), code],
  ]);
}

describe('errors that only the operator can fix are logged, and the member gets their number', () => {
  test('a device that cannot be opened', () =>
    withStudio({ DEVICE: 'coreml' }, async (studio) => {
      expectOperators(studio, await answerTo(studio, {}), /coreml/, 'deviceUnavailable');
    }));

  test('a temporary folder that cannot be written, where a LoRA is merged', async () => {
    process.chdir(folder);
    try {
      await withStudio({}, async (studio) => {
        // For the painter, which is started with the first request.
        process.env.TMPDIR = join(folder, 'not-there');
        const answer = await answerTo(studio, { prompt: 'a red apple <lora:kohya:0.5>' });
        const logged = /not-there: changed weights cannot be kept there \(ENOENT\)/;
        expectOperators(studio, answer, logged, 'temporaryFolder');
      });
    } finally {
      process.chdir(cwd);
      if (TMPDIR === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = TMPDIR;
    }
  });

  test('weights that are NaN, and a checkpoint that was damaged since the start', () =>
    withStudio({}, async (studio) => {
      expectOperators(studio, await answerTo(studio, { model: 'spoilt' }), /"conv_out\.bias" holds NaN/);
      writeFileSync(join(folder, 'models/cut-off/unet/diffusion_pytorch_model.safetensors'), '');
      expectOperators(studio, await answerTo(studio, { model: 'cut-off' }), /the file is empty/);
    }));
});

test('errors that the member can fix are shown to them, and not logged', () =>
  withStudio({}, async (studio) => {
    const missing = await answerTo(studio, { prompt: 'a red apple <lora:nobody:1>' });
    expect(missing).toMatch(/could not be painted: There is no LoRA "nobody"/);

    const create = { width: 9000, height: 9000, channels: 3, background: '#c02020' } as const;
    const bytes = await sharp({ create, limitInputPixels: false }).png().toBuffer();
    const { discord, alice, general } = studio;
    const { message } = await discord
      .as(alice)
      .run(general, 'vary', { prompt: 'a red apple', image: { name: 'large.png', bytes } });
    await discord.until(() => /9000×9000.*megapixels/.test(discord.message(message).content), 60_000);
    expect(studio.log.filter(({ level }) => level === 'error')).toEqual([]);
  }));
