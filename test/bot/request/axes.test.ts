import { describe, expect, test } from 'vitest';
import { axisExamples, parseAxis } from '../../../src/bot/request/axes.js';
import { LANGUAGES, translateFor } from '../../../src/bot/text/i18n.js';
import type { Refusal } from '../../../src/bot/text/refusal.js';

const OPTIONS = ['prompt', 'across', 'down', 'negative', 'seed', 'model'] as const;

describe.each(LANGUAGES)('the names of what a table changes, in %s', (language) => {
  const t = translateFor(language);

  test('are understood as they are suggested', () => {
    const understood = axisExamples(t)
      .filter((example) => !/red/.test(example))
      .map((example) => parseAxis(example).parameter);
    expect(understood).toEqual(['steps', 'scale', 'seeds', 'sampler']);
  });

  test('are no names of options: typing one of those and a colon leads there', () => {
    const names = axisExamples(t).map((example) => example.split(':')[0]!.toLowerCase());
    expect(names.filter((name) => OPTIONS.some((option) => t(`option.${option}`) === name))).toEqual([]);
  });
});

test('a name means the same in every language that has it', () => {
  const meanings = new Map<string, Set<number>>();
  for (const language of LANGUAGES) {
    for (const [k, example] of axisExamples(translateFor(language)).entries()) {
      const name = example.split(':')[0]!.toLowerCase();
      meanings.set(name, (meanings.get(name) ?? new Set()).add(k));
    }
  }
  expect([...meanings].filter(([, which]) => which.size > 1)).toEqual([]);
});

test('Japanese punctuation and decomposed accents are understood', () => {
  expect(parseAxis('ステップ数：5、10，20')).toEqual({ parameter: 'steps', values: ['5', '10', '20'] });
  expect(parseAxis('étapes : 5, 10'.normalize('NFD'))).toEqual({ parameter: 'steps', values: ['5', '10'] });
});

test('numbers are read as each keyboard writes them, with decimal commas between semicolons', () => {
  expect(parseAxis('ステップ数：１０、２０')).toEqual({ parameter: 'steps', values: ['10', '20'] });
  expect(parseAxis('Guidance: 2,5; 5; 7.5').values).toEqual(['2.5', '5', '7.5']);
  expect(() => parseAxis('steps: 2.5, 5')).toThrow('axisValue');
  expect(() => parseAxis('steps: 0x10, 5')).toThrow('axisValue');
});

test('a comma at the end is left out', () => {
  expect(parseAxis('steps: 1, 2,').values).toEqual(['1', '2']);
  expect(parseAxis('ステップ数：5、10、 ').values).toEqual(['5', '10']);
  expect(() => parseAxis('steps: 1,, 2')).toThrow('axisValue');
});

test("a refusal names a parameter in the reader's language", () => {
  const refused = (text: string) => {
    try {
      return parseAxis(text);
    } catch (error) {
      return (error as Refusal).text(translateFor('fr'));
    }
  };
  expect(refused('Schritte: 5, viele')).toContain('étapes');
  expect(refused('colour: red')).toContain('étapes, guidage, graines, échantillonneur, mots');
});
