import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PaintRequest } from '../../../src/bot/request/paint-request.js';
import { isVaried, picturesOf } from '../../../src/bot/request/varied.js';
import { entriesOf, filled, fillings, listsNamed, wildcardsIn } from '../../../src/bot/request/wildcards.js';
import { changedList } from '../../../src/bot/rules/wildcards.js';

const lists = new Map([
  ['animal', ['fox', 'owl', 'cow', 'cat', 'dog', 'hen', 'pig', 'bee']],
  ['animals/birds', ['owl', 'hen']],
  ['animals/small', ['mouse']],
  ['my_color', ['{red|green} __animal__']],
  ['round', ['x __round__']],
]);

test.each([
  ['a __animal__ and a __animals/birds__', ['animal', 'animals/birds']],
  ['__my_color__ __my_color__', ['my_color']],
  ['__animals/*__', ['animals/*']],
  ['snake_case, __init, ____, __ a __, a _b_ c', []],
  ['__../../etc/passwd__ __/etc/passwd__', ['../../etc/passwd', '/etc/passwd']],
])('%s asks for %j', (prompt, names) => {
  expect(wildcardsIn(prompt)).toEqual(names);
});

test('a name is a list, in any case; with * it is all that fit, and a path is none', () => {
  expect(listsNamed('ANIMAL', lists)).toEqual(['animal']);
  expect(listsNamed('animals/*', lists)).toEqual(['animals/birds', 'animals/small']);
  expect(listsNamed('an*s*s', lists)).toEqual(['animals/birds']);
  expect(listsNamed('*', lists)).toHaveLength(lists.size);
  for (const name of ['../animal', './animal', 'animals', 'nothing*']) expect(listsNamed(name, lists)).toEqual([]);
});

test('the same seed gives the same words, other seeds others, and each place its own', () => {
  const prompt = '__animal__ __animal__ __animal__';
  expect(filled(prompt, lists, 7)).toBe(filled(prompt, lists, 7));
  const all = Array.from({ length: 40 }, (_, seed) => filled(prompt, lists, seed));
  expect(new Set(all).size).toBeGreaterThan(30);
  expect(all.some((text) => new Set(text.split(' ')).size === 3)).toBe(true);
  expect(new Set(all.join(' ').split(' '))).toEqual(new Set(lists.get('animal')));
});

test('an entry may have alternatives and wildcards; one in itself ends; unknown ones stay', () => {
  expect(filled('a __my_color__', lists, 1)).toMatch(/^a (red|green) (fox|owl|cow|cat|dog|hen|pig|bee)$/);
  expect(filled('__round__', lists, 1)).toBe(`${'x '.repeat(8)}__round__`);
  expect(filled('a __nothing__ (__animals/small__:1.2)', lists, 1)).toBe('a __nothing__ (mouse:1.2)');
});

test('lists that would grow without end do not', () => {
  const bomb = new Map([['b', [Array(200).fill('__b__ word').join(' ')]]]);
  expect(filled('__b__', bomb, 1).length).toBeLessThan(3000);
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('_', 'a', '*', '/', '.', ' ') }), (text) => {
      expect(typeof filled(text, lists, 3)).toBe('string');
    }),
  );
});

test('an entry is cut only where it is too long for a prompt, with an emoji as one character', () => {
  const fitting = '🍎'.repeat(2500);
  const of = (entry: string) => filled('__x__', new Map([['x', [entry]]]), 1);
  expect(of(fitting)).toBe(fitting);
  expect(of(`a${fitting}${fitting}`)).toBe(`a${fitting}`);
});

test('a file has an entry a line; comments and empty lines are none', () => {
  expect(entriesOf('\ufeff# animals\nfox \r\n\r\n  owl\n#cow\n#')).toEqual(['fox', 'owl']);
});

const request = (over: object) =>
  ({
    kind: 'txt2img',
    prompt: 'a __x__',
    seed: 2 ** 32 - 1,
    count: 2,
    painted: ['a fox', 'an owl'],
    ...over,
  }) as unknown as PaintRequest;

test('each picture of a grid has its own words and the seed that gave them', () => {
  expect(isVaried(request({}))).toBe(true);
  const two = picturesOf(request({}));
  expect(two.map(({ prompt, seed, count, template }) => [prompt, seed, count, template])).toEqual([
    ['a fox', 2 ** 32 - 1, 1, 'a __x__'],
    ['an owl', 0, 1, 'a __x__'],
  ]);
  expect(two.every((one) => !isVaried(one))).toBe(true);
});

test('alternatives keep one seed, and variations of a picture that of the picture', () => {
  const alike = picturesOf(request({ prompt: '{a|b} __x__', dynamic: true, seed: 5 }));
  expect(alike.map(({ seed }) => seed)).toEqual([5, 5]);
  const varied = picturesOf(request({ seed: 5, variation: { seed: 9, strength: 0.1 } }));
  expect(varied.map(({ seed, variation }) => [seed, variation!.seed])).toEqual([
    [5, 9],
    [5, 10],
  ]);
});

test("a server's lists: a name as in a prompt, entries with commas or semicolons", () => {
  const { lists: one } = changedList([], '__Animal__', 'fox, owl,fox, ');
  expect(one).toEqual([{ name: 'animal', entries: ['fox', 'owl'] }]);
  expect(changedList(one, 'animal', 'a fox, red; an owl')).toMatchObject({
    ...{ what: 'changed', count: 2 },
    lists: [{ name: 'animal', entries: ['a fox, red', 'an owl'] }],
  });
  expect(changedList(one, 'ANIMAL', null)).toMatchObject({ lists: [], what: 'removed' });
  const refused = (name: string, entries: string | null) => {
    try {
      return changedList(one, name, entries);
    } catch (error) {
      return (error as { key: string }).key;
    }
  };
  expect(refused('cow', null)).toBe('noWildcard');
  expect([refused('../x', 'a'), refused('a__b', 'a'), refused('', 'a')]).toEqual(Array(3).fill('wildcardName'));
  expect([refused('animals-', 'a'), refused('animals/', 'a')]).toEqual(Array(2).fill('wildcardName'));
  expect(refused('x', ' , ')).toBe('wildcardEmpty');
});

test('every name that a list can have is one in a prompt, however its accents are encoded', () => {
  for (const typed of ['\u00e9t\u00e9', 'e\u0301te\u0301', '\u0939\u093f\u0928\u094d\u0926\u0940', 'a-b c/d.e']) {
    const { lists: made, name } = changedList([], typed, 'x');
    const known = new Map(made.map((list) => [list.name, list.entries]));
    for (const form of ['NFC', 'NFD']) expect(filled(`__${name.normalize(form)}__`, known, 1)).toBe('x');
  }
});

test('everything that a wildcard may become can be looked at, one at a time', () => {
  const all = (prompt: string) => [...fillings(prompt, lists)].map(({ prompt }) => prompt);
  expect(all('a __animals/*__ by __animals/small__')).toEqual([
    'a owl by __animals/small__',
    'a hen by __animals/small__',
    'a mouse by __animals/small__',
    'a __animals/*__ by mouse',
  ]);
  const coloured = [...fillings('a __my_color__', lists)];
  expect(coloured).toHaveLength(16);
  expect(coloured[0]).toEqual({ entry: 'red fox', prompt: 'a red fox' });
  expect(all('__round__')).toEqual([`${'x '.repeat(8)}__round__`]);
  expect(all('no __list__')).toEqual([]);
});
