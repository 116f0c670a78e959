import Keyv from 'keyv';
import { expect, test } from 'vitest';
import { Preferences } from '../../../src/bot/rules/preferences.js';

test('what another version stored, and this one does not know, counts as not set', async () => {
  const store = new Keyv();
  await store.set('prefer:1', { aspect: 'panorama', count: 1000, speed: 'warp', negative: 'blurry', style: 7 });
  expect(await new Preferences(store).of('1')).toEqual({ negative: 'blurry' });
});
