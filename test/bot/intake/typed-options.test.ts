import { expect, test } from 'vitest';
import { reworded, TypedOptions } from '../../../src/bot/intake/typed-options.js';
import type { SingleRequest } from '../../../src/bot/request/paint-request.js';

const options = (values: Record<string, unknown>) => {
  const get = (name: string) => (name in values ? { value: values[name] } : null);
  const value = (name: string) => (values[name] ?? null) as never;
  return new TypedOptions({ get, getString: value, getInteger: value, getNumber: value, getBoolean: value });
};

test('what was typed counts where an option was left out; an option wins, and that is said', () => {
  const typed = options({ prompt: 'a fox --seed 7 --steps 3 --no people', seed: 9, negative: 'blurry' });
  expect([typed.prompt, typed.whole('seed'), typed.whole('steps'), typed.negative]).toEqual([
    'a fox',
    9,
    3,
    'blurry, people',
  ]);
  expect(typed.notices.map(({ meaning }) => meaning)).toEqual([
    { code: 'typedIgnored', values: { parameter: '--seed' } },
  ]);
  expect([typed.has('steps'), typed.has('negative'), typed.has('style')]).toEqual([true, true, false]);
  expect(options({ prompt: 'a fox --seed 7', seed: 7 }).notices).toEqual([]);
});

test('a form takes what was typed off its prompt, and a new prompt is of no template', () => {
  const request = {
    prompt: 'a cow',
    negative: '',
    seed: 1,
    steps: 9,
    template: '__x__',
    sampler: 'ddim',
    strength: 0.9,
  };
  const asked = reworded(request as SingleRequest, ' a fox --steps 3 --strength 0.5 ');
  expect(asked.request).toMatchObject({ prompt: 'a fox', steps: 3, strength: 0.5, seed: 1, template: undefined });
  expect(reworded(request as SingleRequest, 'a cow').request.template).toBe('__x__');
  const codes = ['a fox --steps 3 --speed fastest', 'a fox --steps 40 --speed fastest', 'a fox --steps 3'].map(
    (typed) => reworded(request as SingleRequest, typed).notices.map(({ meaning }) => meaning?.code),
  );
  expect(codes).toEqual([['everyStepRun'], [], []]);
  expect(() => reworded(request as SingleRequest, 'a fox --ar 3:2')).toThrow();
});

test('a prompt that a form gives back as it was shown is words, with its braces; a changed one has alternatives', () => {
  const prompt = 'a {red|blue} car --seed 7';
  const request = { prompt, negative: '', seed: 1, count: 1, sampler: 'ddim' } as SingleRequest;
  expect(reworded(request, ` ${prompt} `).request).toEqual(request);
  expect(reworded(request, 'a {red|blue} bus').request).toMatchObject({ dynamic: true, count: 2 });
});

test('too many alternatives are refused in a form, which has no count, without speaking of one', () => {
  const prompt = '{a|b|c|d|e|f} {a|b|c|d|e|f}';
  expect(() => reworded({ prompt: '', negative: '', count: 1 } as SingleRequest, prompt)).toThrow('allAlternatives');
});
