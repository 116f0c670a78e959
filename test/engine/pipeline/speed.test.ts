import { describe, expect, test } from 'vitest';
import { SPEED } from '../../../src/engine/pipeline/schema.js';
import { SPEEDS, type SpeedRequest, shortcutsOf, spedUp } from '../../../src/engine/pipeline/speed.js';
import { read } from '../../../src/engine/schema.js';

describe('a word and single options', () => {
  test('nothing said is exact', () => {
    expect(shortcutsOf({}, {})).toEqual({ speed: 'exact', ...SPEEDS.exact });
  });

  test("the request's single option is over its word, which is over all that the card says", () => {
    const card = { speed: 'fastest', cacheInterval: 4, guidanceInterval: [0.3, 5.4] } as const;
    expect(shortcutsOf(card, {})).toEqual({ ...SPEEDS.fastest, ...card });
    expect(shortcutsOf(card, { speed: 'exact' })).toEqual({ speed: 'exact', ...SPEEDS.exact });
    expect(shortcutsOf(card, { speed: 'fast', kvSubsampling: true })).toEqual({
      speed: 'fast',
      ...SPEEDS.fast,
      kvSubsampling: true,
    });
    expect(shortcutsOf(card, { cacheInterval: 1 }).cacheInterval).toBe(1);
  });

  test.each<readonly [SpeedRequest, string]>([
    [{ speed: 'slow' as never }, 'speed must be "exact" or "fast" or "fastest", got "slow".'],
    [{ cacheInterval: 0 }, 'cacheInterval must be from 1 to 10, got 0.'],
    [{ cacheInterval: 1.5 }, 'cacheInterval must be a whole number from 1 to 10, got 1.5.'],
    [{ kvSubsampling: 'no' as never }, 'kvSubsampling must be true or false or "large", got "no".'],
    ...[[5, 5], [5.4, 0.3], [-1, 3], [0, Number.NaN], [0, 20_000], [1], 3, 'all', null].map(
      (interval) =>
        [
          { guidanceInterval: interval as never },
          `guidanceInterval must be two noise levels from 0 to 10000, the lower one first, such as 0.3 and 5.4; got ${Array.isArray(interval) ? `[${interval.join(', ')}]` : JSON.stringify(interval)}.`,
        ] as const,
    ),
  ])('%j is refused', (request, message) => {
    expect(() => read({ of: 'txt2img', fields: SPEED }, request)).toThrow(
      expect.objectContaining({ name: 'RequestError', message }),
    );
  });
});

describe('metadata', () => {
  test('says nothing of an exact picture', () => {
    expect(spedUp(shortcutsOf({}, {}))).toEqual({});
  });

  test('says the word, and what differs from it', () => {
    expect(spedUp(shortcutsOf({}, { speed: 'fast' }))).toEqual({ speed: 'fast' });
    expect(
      spedUp(shortcutsOf({}, { speed: 'fast', cacheInterval: 1, guidanceInterval: [0.3, 5.4], kvSubsampling: true })),
    ).toEqual({ speed: 'fast', cacheInterval: 1, guidanceInterval: '0.3-5.4', kvSubsampling: 'true' });
  });
});
