import { cpSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { storedName } from '../../../src/bot/request/samplers.js';
import { DEFAULT_MODEL } from '../../../src/config.js';
import type { Message } from '../../../src/discord/things.js';
import { EMBEDDED_MODEL } from '../../../src/engine/embedded-model.js';
import { packageRoot } from '../../../src/package-root.js';
import { temporaryFolder } from '../servers.js';
import { Studio } from './harness.js';

// A model that paints details on what it enlarges, as Stable Diffusion does, is taken away. The one that ships, which paints
// none, takes its place.

const INSTEAD = `The model "detailed" is no longer here, so "${DEFAULT_MODEL}" painted this.`;

const models = temporaryFolder();
let studio: Studio;
let enlarged: Message;
let withDetails: Message;

beforeAll(async () => {
  symlinkSync(EMBEDDED_MODEL, join(models.path, DEFAULT_MODEL), 'junction');
  symlinkSync(join(packageRoot, 'models/upscalers'), join(models.path, 'upscalers'), 'junction');
  const detailed = join(models.path, 'detailed');
  cpSync(EMBEDDED_MODEL, detailed, { recursive: true });
  const card = JSON.parse(readFileSync(join(detailed, 'easel.json'), 'utf8'));
  writeFileSync(join(detailed, 'easel.json'), JSON.stringify({ ...card, name: 'detailed', upscaleStrength: 0.3 }));
  studio = await Studio.start({ MODELS_DIR: models.path });
  const grid = await studio.imagine(studio.alice, studio.general, { model: 'detailed' });
  enlarged = await pressed(grid, 'U1');
  withDetails = await edited(enlarged);
  await studio.bot.stop();
  rmSync(detailed, { recursive: true });
  await studio.startBot();
}, 300_000);
afterAll(async () => {
  await studio?.stop();
  models[Symbol.dispose]();
});

async function pressed(message: Message, label: string): Promise<Message> {
  const { message: answer } = await studio.discord.as(studio.alice).press(message, label);
  return studio.finished(answer, 120_000);
}

/** Once its form was sent as it is. */
async function edited(message: Message): Promise<Message> {
  const form = await studio.discord.as(studio.alice).press(message, '✏️');
  const { message: answer } = await studio.discord.as(studio.alice).submit(form, {});
  return studio.finished(answer, 120_000);
}

async function requestOf({ id }: Message) {
  await studio.idle();
  return (await studio.bot.app.results.ofMessage(id))!.record.request;
}

test.each([
  ['🔁', (message: Message) => pressed(message, '🔁')],
  ['✏️', edited],
])(
  '%s on an enlargement with details: the upscaler enlarges it, and nothing is painted',
  async (_, act) => {
    expect(await requestOf(withDetails)).toMatchObject({ strength: 0.3, upscaler: 'easel-x4', model: 'detailed' });
    const result = await act(withDetails);
    const request = await requestOf(result);
    expect(request).toMatchObject({ kind: 'upscale', upscaler: 'easel-x4', model: DEFAULT_MODEL });
    expect(request).not.toHaveProperty('strength');
    expect(result.content).not.toContain(INSTEAD);
  },
  300_000,
);

test('V on what was only enlarged is painted with the settings of the model that paints, which is said', async () => {
  const result = await pressed(enlarged, 'V1');
  const { card } = studio.bot.app.models.get(DEFAULT_MODEL)!.model;
  const own = { steps: card.steps, sampler: storedName(card) };
  expect(await requestOf(result)).toMatchObject({ kind: 'img2img', ...own, model: DEFAULT_MODEL });
  expect(result.content).toContain(INSTEAD);
}, 300_000);
