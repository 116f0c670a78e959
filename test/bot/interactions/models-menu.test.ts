import { expect, test } from 'vitest';
import { modelsMessage } from '../../../src/bot/interactions/models-menu.js';
import type { OfferedModel } from '../../../src/bot/models/models.js';
import { modelChoice, modelChoices, modelNamed } from '../../../src/bot/models/models.js';
import { LANGUAGES, translateFor } from '../../../src/bot/text/i18n.js';

const start = 'x'.repeat(100);
const names = [
  'short',
  start,
  `${start}-one.safetensors`,
  `${start}-two.safetensors`,
  '🎨'.repeat(60),
  '🎨'.repeat(61),
];
const models = new Map(names.map((name) => [name, { name, allowed: true } as OfferedModel]));

test('models whose names share their first hundred characters have different choices', () => {
  const choices = modelChoices({ models }).map(({ value }) => value);
  expect(new Set(choices).size).toBe(names.length);
  for (const value of choices) {
    expect([...value].length).toBeLessThanOrEqual(100);
  }
  for (const name of names) {
    expect(modelNamed(models, modelChoice(name))?.name).toBe(name);
    expect(modelNamed(models, name)?.name).toBe(name);
  }
  expect(modelNamed(models, `${start}-one`)).toBeUndefined();
});

test('/models fits an embed, however long the names are and whatever the files warn of', () => {
  const unet = { inChannels: 4, outChannels: 4 };
  const card = { nativeSize: 512, steps: 20, scale: 7.5, sampler: 'ddim' };
  const dangerous = [
    'numpy.core.multiarray.scalar',
    'pytorch_lightning.callbacks.model_checkpoint',
    'builtins.getattr',
  ];
  const entries = Array.from({ length: 24 }, (_, k) => {
    const name = `an-organisation--a-long-name-for-a-finetune-of-stable-diffusion-that-goes-on-and-on-and-on-${k}.ckpt`;
    return [name, { name, allowed: true, model: { card, kind: 'weights', unet }, bytes: 4e9, dangerous }] as const;
  });
  const needs = { models: new Map(entries), config: { model: entries[0]![0] }, jobs: { estimate: () => 12 } };
  for (const locale of LANGUAGES) {
    const ask = { interaction: { memberPermissions: null }, t: translateFor(locale) };
    const [embed] = modelsMessage(needs as never, ask as never, { model: null } as never).embeds;
    const { title, fields } = embed!.toJSON();
    const texts = [title!, ...fields!.flatMap(({ name, value }) => [name, value])];
    expect(texts.join('').length).toBeLessThanOrEqual(6000);
    for (const { value } of fields!) expect(value).toMatch(/^512×512 .*\n⚠️/);
  }
});
