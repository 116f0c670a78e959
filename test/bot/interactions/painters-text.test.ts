import { expect, test } from 'vitest';
import { paintersText } from '../../../src/bot/interactions/painters-text.js';
import type { PainterState } from '../../../src/bot/request/painter-state.js';
import { translateFor } from '../../../src/bot/text/i18n.js';

const painter = (changes: Partial<PainterState> = {}): PainterState => ({
  name: 'painter 1',
  host: 'attic',
  model: 'easel-128',
  state: 'free',
  restSeconds: 0,
  failures: 0,
  restarts: 0,
  pictures: 0,
  secondsPerPicture: null,
  ...changes,
});
const text = (painters: PainterState[], locale = 'en-US') =>
  paintersText(painters, translateFor(locale), locale, 1_000_000);

test('a single painter that works is not mentioned; one that rests is, and so is that there is none', () => {
  expect(text([painter()])).toEqual([]);
  expect(text([painter({ state: 'busy' })])).toEqual([]);
  expect(text([painter({ state: 'resting', restSeconds: 30 })])).toEqual([
    '-# **painter 1** (attic) · easel-128 · kept failing, rests until <t:1030:R>',
  ]);
  expect(text([])).toEqual(['-# No painter is running at the moment. Requests wait until one is back.']);
});

test('several have a line each, in the reader’s language, and a name cannot format it', () => {
  const lines = text(
    [painter({ state: 'busy', pictures: 12, secondsPerPicture: 3.25 }), painter({ name: '**x**\n# y', model: null })],
    'de',
  );
  expect(lines[0]).toBe('-# **painter 1** (attic) · easel-128 · 3,3 s pro Bild · 12 gemalt · malt');
  expect(lines[1]).not.toContain('\n');
  expect(lines[1]).not.toContain('****x');
});

test('of many, eight are named', () => {
  const lines = text(Array.from({ length: 30 }, (_, k) => painter({ name: `painter ${k + 1}` })));
  expect(lines).toHaveLength(9);
  expect(lines[8]).toBe('-# and 22 more');
});
