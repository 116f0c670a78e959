import { expect, test } from 'vitest';
import { usable } from '../../../src/bot/intake/preferred.js';
import type { Models } from '../../../src/bot/models/models.js';
import { DEFAULTS } from '../../../src/bot/rules/settings.js';

const models = new Map(
  [
    { name: 'photo', allowed: true },
    { name: 'unchecked', allowed: false },
  ].map((model) => [model.name, model]),
) as unknown as Models;
const settings = { styles: [{ name: 'Ink', prompt: 'ink', negative: '' }], refused: ['clown'] };
const here = { chosen: [], settings: { ...DEFAULTS, ...settings }, models, fits: () => true };

test('what is possible is used, in the server’s spelling', () => {
  const preferred = {
    model: 'photo',
    style: 'ink',
    negative: 'blurry',
    count: 2,
    aspect: 'wide',
    speed: 'fast',
  } as const;
  expect(usable(preferred, here)).toEqual({ preferred: { ...preferred, style: 'Ink' }, notices: [] });
});

test.each([
  ['a model that is gone', { model: 'lost' }, 'preferModel'],
  ['a model that the operator no longer allows', { model: 'unchecked' }, 'preferModel'],
  ['a style of another server', { style: 'oil' }, 'preferStyle'],
  ['words that this server refuses', { negative: 'no clowns' }, 'preferNegative'],
])('%s is left out, with a notice', (_, preferred, code) => {
  const { preferred: used, notices } = usable({ ...preferred, count: 1 }, here);
  expect(used).toEqual({ count: 1 });
  expect(notices.map(({ meaning }) => meaning?.code)).toEqual([code]);
});

test('a model that cannot paint what was chosen is left out', () => {
  const { preferred, notices } = usable({ model: 'photo' }, { ...here, fits: () => false });
  expect(preferred).toEqual({});
  expect(notices[0]!.text).toBe('Your preferred model "photo" cannot be used for this, so another one was.');
});

test('what was chosen silences what is preferred', () => {
  const preferred = { model: 'lost', style: 'oil', negative: 'clown', count: 1 };
  const chosen = ['model', 'style', 'negative'] as const;
  expect(usable(preferred, { ...here, chosen })).toEqual({ preferred: { count: 1 }, notices: [] });
});
