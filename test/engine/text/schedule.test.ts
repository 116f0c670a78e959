import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Pass, phaseAt, phasesOf } from '../../../src/engine/text/schedule.js';

const read = (prompt: string, pass: Pass) => phasesOf(prompt, pass).map(({ until, text }) => [until, text]);

describe('the cases that AUTOMATIC1111 documents (modules/prompt_parser.py), in 10 steps', () => {
  test.each([
    ['test', [[10, 'test']]],
    [
      'a [b:3]',
      [
        [3, 'a '],
        [10, 'a b'],
      ],
    ],
    [
      'a [b: 3]',
      [
        [3, 'a '],
        [10, 'a b'],
      ],
    ],
    [
      'a [[[b]]:2]',
      [
        [2, 'a '],
        [10, 'a [[b]]'],
      ],
    ],
    [
      '[(a:2):3]',
      [
        [3, ''],
        [10, '(a:2)'],
      ],
    ],
    [
      'a [b : c : 1] d',
      [
        [1, 'a b  d'],
        [10, 'a  c  d'],
      ],
    ],
    [
      'a[b:[c:d:2]:1]e',
      [
        [1, 'abe'],
        [2, 'ace'],
        [10, 'ade'],
      ],
    ],
    ['a [unbalanced', [[10, 'a [unbalanced']]],
    [
      'a [b:.5] c',
      [
        [5, 'a  c'],
        [10, 'a b c'],
      ],
    ],
    [
      '((a][:b:c [d:3]',
      [
        [3, '((a][:b:c '],
        [10, '((a][:b:c d'],
      ],
    ],
  ])('%s', (prompt, phases) => {
    expect(read(prompt, { calls: 10 })).toEqual(phases);
  });

  test('"a [{b|d{:.5] c" is noted there as not handled, and is text', () => {
    expect(read('a [{b|d{:.5] c', { calls: 10 })).toEqual([[10, 'a [{b|d{:.5] c']]);
  });

  test.each([
    ['[a|(b:1.1)]', ['a', '(b:1.1)', 'a', '(b:1.1)', 'a', '(b:1.1)', 'a', '(b:1.1)', 'a', '(b:1.1)']],
    ['[fe|]male', ['female', 'male', 'female', 'male', 'female', 'male', 'female', 'male', 'female', 'male']],
    ['[fe|||]male', ['female', 'male', 'male', 'male', 'female', 'male', 'male', 'male', 'female', 'male']],
  ])('%s', (prompt, texts) => {
    expect(read(prompt, { calls: 10 })).toEqual(texts.map((text, i) => [i + 1, text]));
  });

  test.each([
    ['a [b:.5] c', [[10, 'a b c']]],
    [
      'a [b:1.5] c',
      [
        [5, 'a  c'],
        [10, 'a b c'],
      ],
    ],
  ])('in a second pass: %s', (prompt, phases) => {
    expect(read(prompt, { calls: 10, before: 10 })).toEqual(phases);
  });

  test('the landscape of its first comment, in 100 steps', () => {
    const prompt =
      'fantasy landscape with a [mountain:lake:0.25] and [an oak:a christmas tree:0.75][ in foreground::0.6][: in background:0.25] [shoddy:masterful:0.5]';
    expect(read(prompt, { calls: 100 })).toEqual([
      [25, 'fantasy landscape with a mountain and an oak in foreground shoddy'],
      [50, 'fantasy landscape with a lake and an oak in foreground in background shoddy'],
      [60, 'fantasy landscape with a lake and an oak in foreground in background masterful'],
      [75, 'fantasy landscape with a lake and an oak in background masterful'],
      [100, 'fantasy landscape with a lake and a christmas tree in background masterful'],
    ]);
  });
});

test('prompts of every shape are read as AUTOMATIC1111 reads them (fixtures/schedules.py)', () => {
  const goldens = JSON.parse(readFileSync(join(import.meta.dirname, '../../fixtures/schedules.json'), 'utf8'));
  for (const [prompt, once, again] of goldens) {
    expect([prompt, read(prompt, { calls: 6 })]).toEqual([prompt, once]);
    expect([prompt, read(prompt, { calls: 8, before: 6 })]).toEqual([prompt, again]);
  }
  expect(goldens.length).toBeGreaterThan(150);
});

test('the first call and the one after it read the first text, as in AUTOMATIC1111', () => {
  const phases = phasesOf('[a|b]', { calls: 4 });
  expect([0, 1, 2, 3, 4, 5].map((call) => phaseAt(phases, call).text)).toEqual(['a', 'a', 'b', 'a', 'b', 'a']);
});

test('any text is read, quickly, and its last phase ends with the run', () => {
  const wild = fc.string({
    unit: fc.constantFrom('a', ' ', '(', ')', '[', ']', ':', '|', '.5', '3', '\\'),
    maxLength: 60,
  });
  fc.assert(
    fc.property(wild, fc.integer({ min: 1, max: 9 }), (prompt, calls) => {
      const phases = phasesOf(prompt, { calls });
      expect(phases.at(-1)!.until).toBe(calls);
      expect(phases.every(({ until }, i) => i === 0 || until > phases[i - 1]!.until)).toBe(true);
    }),
  );
  for (const bomb of ['[', '(', '[a|', '[a:', ']', '[a:b:3]', '\\']) {
    for (const prompt of [bomb.repeat(20_000), `${bomb.repeat(10_000)}${'|b:3]'.repeat(10_000)}`]) {
      expect(phasesOf(prompt, { calls: 2 }).length).toBeGreaterThan(0);
    }
  }
  // More than a call takes arguments.
  for (const many of ['[a|b]'.repeat(150_000), `[${'a|'.repeat(150_000)}b]`]) {
    expect(phasesOf(many, { calls: 2 })).toHaveLength(2);
  }
});
