import { describe, expect, test } from 'vitest';
import { checkAxes, parseAxis } from '../../../src/bot/request/axes.js';
import { picturesOf, withAlternatives } from '../../../src/bot/request/varied.js';
import { styled } from '../../../src/bot/rules/styles.js';
import { aRequest, aTable } from '../request.js';

const prompt = '{|||}'.repeat(300);

describe('a combined prompt that would be too long is refused before it is built', () => {
  test.each([
    ['{prompt}'.repeat(62), 'a'.repeat(1500)],
    ['{prompt} {prompt}', prompt],
  ])('a style, case %#', (words, prompt) => {
    const styles = [{ name: 's', prompt: words, negative: '' }];
    expect(() => styled({ prompt, negative: '' }, 's', { styles })).toThrow('promptLong');
  });

  test('words in the place of many others', () => {
    const axes = [parseAxis(`words: a, ${'b'.repeat(190)}`)];
    expect(() => checkAxes(aTable(axes, { prompt: 'a'.repeat(1500) }))).toThrow('promptLong');
    expect(() => checkAxes(aTable(axes, { prompt: 'a fox' }))).not.toThrow();
  });

  test('a template of alternatives', () => {
    expect(() => withAlternatives(aRequest({ prompt: prompt.repeat(2) }), 2)).toThrow('promptLong');
  });
});

test('characters are counted as Discord counts them, so that an emoji is one', () => {
  const apples = '🍎'.repeat(1500);
  const styles = [{ name: 's', prompt: `{prompt}${'🍏'.repeat(1000)}`, negative: '' }];
  const { prompt } = styled({ prompt: apples, negative: '' }, 's', { styles });
  expect(withAlternatives(aRequest({ prompt }), null)).toMatchObject({ prompt, count: 1 });
  const table = aTable([parseAxis(`words: ${apples.slice(0, 2)}, 🍐`)], { prompt });
  expect(() => checkAxes(table)).not.toThrow();
  expect(() => withAlternatives(aRequest({ prompt: `${prompt}!` }), null)).toThrow(
    expect.objectContaining({ values: { length: 2501, limit: 2500 } }),
  );
});

test('of more alternatives than a number can count, as many are painted as were asked for', () => {
  const request = withAlternatives(aRequest({ prompt: `${prompt} {a|b}`, seed: 3 }), 2);
  expect(request).toMatchObject({ dynamic: true, count: 2 });
  expect(picturesOf(request)).toHaveLength(2);
  expect(() => withAlternatives(request, null)).toThrow('alternatives');
});
