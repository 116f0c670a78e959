import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readTyped, TYPED_NAMES } from '../../../src/bot/request/parameters.js';
import { translateFor } from '../../../src/bot/text/i18n.js';
import { Refusal } from '../../../src/bot/text/refusal.js';

test.each([
  ['a red apple --ar 3:2 --no people --seed 7 --steps 30', { ar: [3, 2], no: 'people', seed: 7, steps: 30 }],
  ['a red apple —ar 16:9 –seed 8', { ar: [16, 9], seed: 8 }],
  ['a red apple --aspect 2x3 --cfg 7,5 --N 2', { ar: [2, 3], scale: 7.5, count: 2 }],
  ['a red apple --ar=1.5 --seed=１２', { ar: [1.5, 1], seed: 12 }],
  ['a red apple --no people, cars --negative "blurry"', { no: 'people, cars, blurry' }],
  [
    'a red apple --sampler DPM++ 2M Karras --model my model --style oil',
    { sampler: 'DPM++ 2M Karras', model: 'my model', style: 'oil' },
  ],
  ['a red apple --tile --hidden --speed Fast', { tile: 'both', hidden: true, speed: 'fast' }],
  ['a red apple --tile x --strength 0.4', { tile: 'x', strength: 0.4 }],
  ['a red apple\n--variation-seed 3 --variation-strength .2', { variation_seed: 3, variation_strength: 0.2 }],
  ['a red apple --seed 1 --seed 2', { seed: 2 }],
])('%s', (prompt, given) => {
  expect(readTyped(prompt)).toEqual({ prompt: 'a red apple', given });
});

test.each([
  'a fox -- a red one -- in snow',
  'a fox — red, quick — in snow',
  'a fox —red and quick— in snow',
  'well--known, x--ar 3:2',
  'a sign that says \\--help',
  '--',
  'a fox --',
  '',
  ' a fox ',
])('%j is a prompt, and nothing else', (prompt) => {
  expect(readTyped(prompt)).toEqual({ prompt, given: {} });
});

const refusal = (prompt: string, accepted = TYPED_NAMES): Refusal => {
  try {
    readTyped(prompt, accepted);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('not refused');
};
const said = (prompt: string, accepted = TYPED_NAMES) => refusal(prompt, accepted).text(translateFor('en'));

describe('is refused', () => {
  test.each([
    ['--sed 7', '--seed'],
    ['--aspekt 3:2', '--ar'],
    ['--stylize 250', '--scale'],
    ['--s 250', '--scale'],
    ['--chaos 20', '--variation_strength'],
    ['--v 6', '--model'],
    ['--iw 2', '--strength'],
    ['--q 2', '--steps'],
  ])('%s, with what was perhaps meant', (typed, nearest) => {
    expect(said(`a fox ${typed}`)).toContain(`Did you mean \`${nearest}\`?`);
    expect(said(`a fox ${typed}`)).toContain('`--ar` `--no` `--seed`');
  });

  test('what is like nothing, with the list', () => {
    expect(refusal('a fox --xyzzy').key).toBe('noParameter');
    expect(said('a fox --xyzzy')).toContain('`--spoiler`');
  });

  test.each([
    ['--seed 7 in snow', 'a whole number from 0 to 4294967295'],
    ['--steps 1000', 'a whole number from 1 to 150'],
    ['--steps 7.5', 'a whole number'],
    ['--scale lots', 'a number from 0 to 30'],
    ['--ar 100:1', '3:2'],
    ['--ar 3:2:1', '3:2'],
    ['--ar 0:0', '3:2'],
    ['--count 5', 'from 1 to 4'],
    ['--speed warp', 'exact, fast, fastest'],
    ['--hidden yes', 'no value'],
    ['--seed', 'nothing follows'],
    ['--no', 'nothing follows'],
  ])('%s, with what it takes', (typed, takes) => {
    expect(said(`a fox ${typed}`)).toContain(takes);
  });

  test('what has no meaning where it was typed', () => {
    expect(said('a fox --hidden', ['seed', 'steps'])).toContain('does not work here');
    expect(said('a fox --hiden', ['seed', 'steps'])).toContain('`--seed` `--steps`');
  });
});

test('any text is read or refused', () => {
  const piece = fc.constantFrom('--', '—', 'ar', 'seed', 'no', ' ', '3:2', '7', 'fox', '=', '"', '\n');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      try {
        expect(pieces.join('').startsWith(readTyped(pieces.join('')).prompt)).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(Refusal);
      }
    }),
  );
});
