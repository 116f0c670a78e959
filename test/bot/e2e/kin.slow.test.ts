import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Channel } from '../../../src/discord/things.js';
import { encodePng } from '../../../src/engine/image/encode.js';
import type { Pixels } from '../../../src/engine/image/pixels.js';
import type { File } from '../../discord/drive/driven-user.js';
import { kin, kinMask, kinPicture, writeKinFolder } from '../../engine/kin.js';
import { Studio } from './harness.js';

// A bot whose model edits pictures, or paints inside masks.

let studio: Studio;
let channel: Channel;
let models: string;
beforeAll(async () => {
  models = mkdtempSync(join(tmpdir(), 'easel-kin-models-'));
  const card = { nativeSize: 64, steps: 2, needsSafetyChecker: false };
  for (const name of ['edit', 'inpaint'] as const) {
    await writeKinFolder(join(models, name), name);
    writeFileSync(join(models, name, 'easel.json'), JSON.stringify(card));
  }
  studio = await Studio.start({ MODELS_DIR: models, MODEL: 'edit' });
  channel = studio.channel('kin');
});
afterAll(async () => {
  await studio.stop();
  rmSync(models, { recursive: true });
});

const file = async (name: string, pixels: Pixels): Promise<File> => ({
  name,
  bytes: await encodePng(pixels, {
    prompt: 'a stored prompt',
    steps: 1,
    sampler: 'DDIM',
    scale: 1,
    width: 64,
    height: 64,
  }),
});
const run = async (command: string, values: Record<string, string | number | File>) =>
  (await studio.discord.as(studio.alice).run(channel, command, values)).message;

describe('a model that edits', () => {
  test('does in /vary what the prompt tells it to', async () => {
    const image = await file('photo.png', kinPicture());
    const message = await run('vary', { image, prompt: kin.texts.instruction, count: 1, seed: 4 });
    const made = await studio.made(await studio.finished(message));
    expect(made).toMatchObject({ prompt: kin.texts.instruction, imageScale: 1.5, strength: 1, model: 'edit' });
  });

  test('wants an instruction: a prompt stored in the picture says something else', async () => {
    const message = await run('vary', { image: await file('photo.png', kinPicture()) });
    expect(message.content).toContain('Say in `prompt` what to change');
    expect(message.onlyFor).toBe(studio.alice.id);
  });

  test('is refused a request without a picture, before it is queued', async () => {
    for (const [command, values] of [
      ['imagine', { prompt: 'a red apple' }],
      ['grid', { prompt: 'a red apple', across: 'steps: 1; 2' }],
    ] as const) {
      const message = await run(command, values);
      expect(message.content).toContain('edits pictures as it is told. Give it one');
    }
  });

  test('edits a picture given to /imagine', async () => {
    const image = await file('photo.png', kinPicture());
    const result = await studio.imagine(studio.alice, channel, { prompt: kin.texts.instruction, image });
    expect(await studio.made(result)).toMatchObject({ imageScale: 1.5, strength: 1 });
  });
});

test('/models says what is made for what', async () => {
  const message = await run('models', {});
  const said = (message.embeds[0]!.fields ?? []).map(({ name, value }) => `${name} ${value}`);
  expect(said.find((line) => line.includes('edit '))).toContain('the prompt says what to change');
  expect(said.find((line) => line.includes('inpaint '))).toContain('made for `/inpaint`');
});

test('a model made for inpainting paints in /inpaint, and keeps what is black', async () => {
  await studio.bot.app.settings.change(studio.guild.id, { model: 'inpaint' });
  const [image, mask] = [await file('photo.png', kinPicture()), await file('mask.png', kinMask())];
  const message = await run('inpaint', { image, mask, prompt: 'a red apple', count: 1, strength: 1, seed: 3 });
  const result = await studio.finished(message);
  expect(await studio.made(result)).toMatchObject({ strength: 1, model: 'inpaint' });
  const plain = await studio.imagine(studio.alice, channel, { prompt: 'a red apple' });
  expect(await studio.made(plain)).toMatchObject({ model: 'inpaint' });
});
