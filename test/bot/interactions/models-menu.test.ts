import { expect, test } from 'vitest';
import type { OfferedModel } from '../../../src/bot/models/models.js';
import { modelChoice, modelChoices, modelNamed } from '../../../src/bot/models/models.js';

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
