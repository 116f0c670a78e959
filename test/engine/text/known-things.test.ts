import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openModel } from '../../../src/engine/checkpoint/open.js';
import { packageRoot } from '../../../src/engine/package-root.js';
import { knowsAny, strangeNotice } from '../../../src/engine/text/known-things.js';

const { card } = await openModel(join(packageRoot, 'models/easel-128'));

test.each(['a red apple', 'Two CATS', 'an icon of a dinosaur', 'a dog next to a rocket', ''])(
  '%j says something to the embedded model',
  (prompt) => {
    expect(knowsAny(card, prompt)).toBe(true);
  },
);

test.each(['portrait of Ada Lovelace', 'a dystopian boulevard', 'the red'])(
  '%j says nothing to it, and that is told with what would',
  (prompt) => {
    expect(knowsAny(card, prompt)).toBe(false);
    expect(strangeNotice(card, prompt)[0]).toContain('a red apple');
  },
);

test('a model without a list is never doubted', () => {
  expect(knowsAny({ ...card, knows: undefined }, 'zyzzyva')).toBe(true);
});

test('everything that it shows as an example is known', () => {
  for (const example of card.examples) expect(knowsAny(card, example), example).toBe(true);
});
