import { expect, test } from 'vitest';
import { tryWords } from '../../../src/bot/interactions/try-words.js';
import { translateFor } from '../../../src/bot/text/i18n.js';

test('the answer fits a message, however many wildcards are unknown and however many lists there are', async () => {
  const said: string[] = [];
  const interaction = {
    deferred: false,
    deferReply: async () => Object.assign(interaction, { deferred: true }),
    editReply: async ({ content }: { content: string }) => said.push(content),
  };
  const model = { card: { nativeSize: 64, steps: 2, scale: 5, sampler: 'ddim' }, kind: 'weights', maxTokens: 77 };
  const offered = { name: 'm', allowed: true, model, tokenizer: { encode: () => [] } };
  const needs = { models: new Map([['m', offered]]), config: { model: 'm', dataDir: '/nowhere' } };
  const wildcards = Array.from({ length: 12 }, (_, k) => ({ name: `animals of list number ${k}`, entries: ['fox'] }));
  const settings = async () => ({ refused: ['gun'], wildcards, model: null });
  const ask = { interaction, settings, t: translateFor('en') };
  const text = 'a __cat__ and a __dog__, a __cow__, a __bird__ and a __fish__';
  await tryWords(needs as never, ask as never, text);
  expect(said[0]!.length).toBeLessThanOrEqual(2000);
  expect(said[0]).toContain('This would be painted');
  expect(said[0]).toContain('There is no wildcard \\_\\_cat\\_\\_');
});
