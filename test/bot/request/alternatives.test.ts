import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Alternatives, literally } from '../../../src/bot/request/alternatives.js';
import type { SingleRequest } from '../../../src/bot/request/paint-request.js';
import { withAlternatives } from '../../../src/bot/request/varied.js';
import { aRequest } from '../request.js';

const all = (template: string) => new Alternatives(template).all();

describe('a prompt with alternatives', () => {
  test('is one prompt for each of them', () => {
    expect(all('a {red|blue} car')).toEqual(['a red car', 'a blue car']);
  });

  test('with several groups is every combination, the last turning fastest', () => {
    expect(all('{a|b} {1|2|3}')).toEqual(['a 1', 'a 2', 'a 3', 'b 1', 'b 2', 'b 3']);
  });

  test('may have groups inside groups, and empty alternatives', () => {
    expect(all('a {|very {big|small} }dog')).toEqual(['a dog', 'a very big dog', 'a very small dog']);
  });

  test.each([
    ['a red car', 'without braces'],
    ['{masterpiece}, best', 'braces without a bar'],
    ['a {red|blue car', 'a group that is never closed'],
    ['a red|blue} car', 'one that was never opened'],
    ['}|{', 'nonsense'],
    ['', 'nothing'],
  ])('%s: %s is text', (template) => {
    expect(all(template)).toEqual([template]);
  });

  test('takes escaped characters as text', () => {
    expect(all('\\{a\\|b\\} {c\\|d|e}')).toEqual(['{a|b} c|d', '{a|b} e']);
    expect(all('back\\slash')).toEqual(['back\\slash']);
  });

  test('braces around a group stay', () => {
    expect(all('{a {b|c}}')).toEqual(['{a b}', '{a c}']);
  });

  test('gives some of very many at random, different ones, the same for the same seed', () => {
    const many = new Alternatives('{a|b|c|d|e|f|g|h|i|j}'.repeat(30));
    const some = many.some(4, 7);
    expect(many.count).toBe(10n ** 30n);
    expect(new Set(some).size).toBe(4);
    expect(many.some(4, 7)).toEqual(some);
    expect(many.some(4, 8)).not.toEqual(some);
    expect(new Alternatives('{a|b}').some(9, 1)).toEqual(['a', 'b']);
  });

  test('all counted prompts differ and none is missing, wherever the braces are', () => {
    const text = fc.string({ unit: fc.constantFrom('{', '|', '}', 'a', '\\'), maxLength: 30 });
    fc.assert(
      fc.property(text, (template) => {
        const alternatives = new Alternatives(template);
        fc.pre(alternatives.count <= 1000n);
        expect(alternatives.all()).toHaveLength(Number(alternatives.count));
        if (!/[{|}\\]/.test(template)) expect(alternatives.all()).toEqual([template]);
      }),
      { numRuns: 2000 },
    );
  });

  test('gives some of more than a number can count, evenly', () => {
    const many = new Alternatives('{|||}'.repeat(600));
    expect(many.count).toBe(4n ** 600n);
    expect(many.some(2, 1)).toEqual(['', '']);
    const last = Array.from({ length: 20 }, (_, seed) =>
      new Alternatives('{a|b}'.repeat(200)).some(1, seed)[0]!.at(-1),
    );
    expect(new Set(last)).toEqual(new Set(['a', 'b']));
  });

  test('thousands of braces take no time to read', () => {
    expect(new Alternatives('{'.repeat(5000)).count).toBe(1n);
    expect(new Alternatives(`${'{a|'.repeat(700)}b${'}'.repeat(700)}`).count).toBe(701n);
  });
});

test('words make nothing of a picture that is only enlarged: it stays one, and counts as one', () => {
  const enlargement = { kind: 'upscale', source: 'key', upscaler: 'x4' } as const;
  for (const prompt of ['a fox', 'a {red|blue} fox']) {
    const asked = aRequest({ ...enlargement, prompt, count: 4 });
    expect(withAlternatives(asked, 4)).toEqual({ ...asked, count: 1 });
    expect(withAlternatives({ ...asked, strength: 0.2 } as SingleRequest, 2).count).toBeGreaterThan(1);
  }
});

test('details of strength 0 change nothing of an enlarged picture, so it stays one', () => {
  const asked = aRequest({ kind: 'upscale', source: 'key', strength: 0, prompt: 'a {red|blue} fox', count: 1 });
  expect(withAlternatives(asked, null)).toEqual({ ...asked, dynamic: undefined });
});

test('a picture that is varied at strength 0 is kept, so alternatives make none of their own', () => {
  const asked = aRequest({ kind: 'img2img', source: 'key', strength: 0, prompt: 'a {red|green|blue} fox', count: 2 });
  expect(withAlternatives(asked, null)).toEqual({ ...asked, dynamic: undefined });
  expect(withAlternatives({ ...asked, strength: 0.1 } as SingleRequest, null)).toMatchObject({
    dynamic: true,
    count: 3,
  });
  const written = { ...asked, prompt: literally('a {fox}') } as SingleRequest;
  expect(withAlternatives(written, null)).toEqual({ ...written, prompt: 'a {fox}' });
});

test.each(['a {red|blue} car', 'a \\{red|blue\\} car', '{|}\\|', 'a \\ b'])(
  '%j can be written as what it is',
  (text) => {
    expect(new Alternatives(literally(text)).all()).toEqual([text]);
  },
);
