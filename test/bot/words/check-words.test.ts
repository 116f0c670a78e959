import { beforeAll, expect, test } from 'vitest';
import type { PaintRequest } from '../../../src/bot/request/paint-request.js';
import { checkWords } from '../../../src/bot/words/check-words.js';
import { DEFAULT_MODEL } from '../../../src/config.js';
import { openModel } from '../../../src/engine/checkpoint/open.js';
import { EMBEDDED_MODEL } from '../../../src/engine/embedded-model.js';
import type { Model } from '../../../src/engine/model.js';
import { openTokenizer } from '../../../src/engine/text/open-tokenizer.js';
import type { Tokenizer } from '../../../src/engine/text/tokenizer.js';

let reader: { model: Model; tokenizer: Tokenizer };
beforeAll(async () => {
  const model = await openModel(EMBEDDED_MODEL);
  reader = { model, tokenizer: await openTokenizer(model.tokenizer) };
});

const request = (prompt: string, over = {}) =>
  ({
    ...{ kind: 'txt2img', prompt, negative: '', width: 128, height: 128, count: 1, steps: 20, scale: 7 },
    ...{ sampler: 'euler', seed: 1, model: DEFAULT_MODEL },
    ...over,
  }) as PaintRequest;
const check = (prompt: string, over = {}) => checkWords(reader, ['clown'], request(prompt, over));

test.each([
  ['[cl|x]own', {}],
  ['a [fox:clown:0.9]', {}],
  ['a [c:cl:3]own AND a fox', {}],
  ['a fox', { negative: 'cl[own|]' }],
  ['a [fox:[cow:clown:19]:18]', {}],
])('%s: a blocked word that only comes up while it is painted is refused', async (prompt, over) => {
  await expect(check(prompt, over)).rejects.toMatchObject({ key: 'words', values: { word: 'clown' } });
});

test('words that never come up together are not one', async () => {
  await expect(check('a [cl:fox:3] and [:own:5]')).resolves.toBeUndefined();
});

test('only what the model reads at a time counts as length', async () => {
  const long = 'red '.repeat(60);
  await expect(check(`[${long}:${long}:0.5]`)).resolves.toBeUndefined();
  await expect(check(long.repeat(3))).rejects.toMatchObject({ key: 'prompt' });
});

test('more texts than can be read in time are refused', async () => {
  const over = { steps: 150, sampler: 'heun' };
  await expect(check('[a|b]', over)).resolves.toBeUndefined();
  await expect(check('[1|2][1|2|3][1|2|3|4|5][1|2|3|4|5|6|7] AND [7|8|9]', { steps: 150 })).resolves.toBeUndefined();
  const joined = '[1|2|3][1|2|3|4|5][1|2|3|4|5|6|7][1|2|3|4|5|6|7|8|9|10|11] AND x';
  await expect(check(`${joined} ${joined}`, over)).rejects.toMatchObject({ key: 'tooManyTexts' });
});
