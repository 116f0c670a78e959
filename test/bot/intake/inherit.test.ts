import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inherit } from '../../../src/bot/intake/inherit.js';
import type { OfferedModel } from '../../../src/bot/models/models.js';
import { tokenLimit } from '../../../src/bot/words/check-words.js';
import { openModel } from '../../../src/engine/checkpoint/open.js';
import { EMBEDDED_MODEL } from '../../../src/engine/embedded-model.js';
import { openTokenizer } from '../../../src/engine/text/open-tokenizer.js';
import { promptLength } from '../../../src/engine/text/prompt-length.js';

const loras = mkdtempSync(join(tmpdir(), 'easel-loras-'));
let offered: Pick<OfferedModel, 'tokenizer' | 'model'>;

beforeAll(async () => {
  writeFileSync(join(loras, 'fox.safetensors'), '');
  const model = await openModel(EMBEDDED_MODEL);
  offered = { model, tokenizer: await openTokenizer(model.tokenizer) };
});
afterAll(() => rmSync(loras, { recursive: true }));

const take = (prompt: string, negative = '', refused: string[] = []) =>
  inherit({ prompt, negative }, offered, { refused }, [loras]);
const codes = (notices: Awaited<ReturnType<typeof take>>['notices']) => notices.map(({ meaning }) => meaning?.code);

test('a usable prompt is taken over unchanged', async () => {
  const prompt = 'a (red:1.3) fox <lora:fox:0.8>,\n[x|y]';
  expect(await take(prompt, 'ugly')).toEqual({ prompt, negative: 'ugly', notices: [] });
  expect(await inherit(null, offered, { refused: ['fox'] })).toEqual({ prompt: '', negative: '', notices: [] });
});

test.each([
  ['phrases', Array.from({ length: 300 }, (_, i) => `(bad thing ${i}:1.2)`).join(', '), /thing \d+:1\.2\)$/],
  ['words', 'very '.repeat(2000), /^(very )+very$/],
  ['one word that is longer than a prompt', 'x'.repeat(60_000), /^$/],
  ['a tag that never ends', `a fox, red, in snow, and <lora:${'x '.repeat(30_000)}`, /^a fox, red, in snow/],
])('%s without end are shortened to what a prompt may have', async (_, text, rest) => {
  const { prompt, negative, notices } = await take(text, text);
  expect(prompt).toMatch(rest);
  expect(negative).toBe(prompt);
  expect(promptLength(offered.tokenizer, prompt)).toBeLessThanOrEqual(tokenLimit(offered.model));
  expect(codes(notices)).toEqual(['pictureCut']);
});

test.each(['<lora:cat:1>', '<lyco:cat:0.5:1>', '<lora:fox:one>', '<lora::1>'])(
  'the tag %s, which would be refused, is left out',
  async (tag) => {
    const { prompt, notices } = await take(`a fox ${tag}<lora:fox:1>`);
    expect(prompt).toBe('a fox <lora:fox:1>');
    expect(codes(notices)).toEqual(['pictureLoras']);
  },
);

test('of thousands of tags the first few are looked for', async () => {
  const { prompt } = await take(Array.from({ length: 200 }, (_, i) => `<lora:${i}:1>`).join(''));
  expect(prompt).toBe('');
});

test('a prompt with blocked words is not taken over, and the word is not repeated', async () => {
  const { prompt, negative, notices } = await take('a red a()pple', 'ugly', ['apple']);
  expect([prompt, negative, codes(notices)]).toEqual(['', 'ugly', ['pictureWords']]);
  expect(JSON.stringify(notices)).not.toContain('apple');
});
