import { describe, expect, test } from 'vitest';
import {
  countedForMember,
  countedInPlace,
  DAYS,
  type PlaceCounters,
  placeCounters,
} from '../../../src/bot/stats/counters.js';
import { most, picturesByDay, secondsByModel, secondsOf, spans, sparkline } from '../../../src/bot/stats/summary.js';

const DAY = 86_400_000;
const NOON = Date.UTC(2026, 10, 24, 12);
const painting = (userId: string, pictures = 4, model = 'easel-128', seconds = 8, sampler = 'plms') => ({
  userId,
  pictures,
  model,
  seconds,
  cpu: 2 * seconds,
  sampler,
});

function counted(...paintings: [when: number, ReturnType<typeof painting>][]): PlaceCounters {
  return paintings.reduce<PlaceCounters | undefined>(
    (known, [when, one]) => countedInPlace(known, one, when),
    undefined,
  )!;
}

test('today, seven days and the total are counted separately, from midnight UTC', () => {
  const place = counted(
    [NOON - 9 * DAY, painting('ada')],
    [NOON - 6 * DAY, painting('ada', 3)],
    [NOON - 12 * 3_600_000 - 1, painting('ben', 2)],
    [NOON, painting('ada', 1)],
  );
  expect(place.since).toBe(NOON - 9 * DAY);
  expect(spans(place, NOON)).toEqual({
    today: { requests: 1, pictures: 1, seconds: 8, cpu: 16 },
    week: { requests: 3, pictures: 6, seconds: 24, cpu: 48 },
    total: { requests: 4, pictures: 10, seconds: 32, cpu: 64 },
  });
  expect(picturesByDay(place, NOON)).toEqual([3, 0, 0, 0, 0, 2, 1]);
});

test('days without pictures count too: a week later, the week is empty', () => {
  const place = counted([NOON, painting('ada')]);
  expect(spans(place, NOON + DAYS * DAY)).toMatchObject({
    today: { pictures: 0 },
    week: { pictures: 0 },
    total: { pictures: 4 },
  });
  expect(most(place, 'members', NOON + DAYS * DAY)).toEqual([]);
});

test('the most active come first; seconds per picture are a mean over the days', () => {
  const place = counted(
    [NOON - DAY, painting('ada', 4, 'small', 8)],
    [NOON, painting('ada', 1, 'small', 7, 'ddim')],
    [NOON, painting('ben', 6, 'large', 60)],
  );
  expect(most(place, 'members', NOON)).toEqual([
    ['ben', 6],
    ['ada', 5],
  ]);
  expect(most(place, 'samplers', NOON)).toEqual([
    ['plms', 10],
    ['ddim', 1],
  ]);
  expect(secondsByModel(place, NOON)).toEqual([
    ['large', 10],
    ['small', 3],
  ]);
});

test('a record stays small: old days go, and of a crowd not everybody is named, but all are counted', () => {
  let place: PlaceCounters | undefined;
  for (let n = 0; n < 1000; n++) place = countedInPlace(place, painting(`user-${n}`, 1), NOON);
  place = countedInPlace(place, painting('user-0', 1), NOON);
  expect(spans(place, NOON).today).toEqual({ requests: 1001, pictures: 1001, seconds: 8008, cpu: 16016 });
  expect(most(place, 'members', NOON)).toHaveLength(200);
  expect(most(place, 'members', NOON)[0]).toEqual(['user-0', 2]);
  for (let n = 0; n < 30; n++) place = countedInPlace(place, painting('ada'), NOON + n * DAY);
  expect(Object.keys(place!.days)).toHaveLength(DAYS);
});

test('records from before seconds were counted for members go on', () => {
  const date = new Date(NOON).toISOString().slice(0, 10);
  const before = { requests: 2, pictures: 5 };
  const stored = {
    since: NOON,
    total: before,
    days: { [date]: { ...before, members: { ada: 5 }, models: {}, samplers: {} } },
  };
  const place = countedInPlace(placeCounters.parse(stored), painting('ada', 1), NOON);
  expect(most(place, 'members', NOON)).toEqual([['ada', 6]]);
  expect(secondsOf(place, 'members', 'ada', NOON)).toBe(8);
  expect(spans(place, NOON).total).toEqual({ requests: 3, pictures: 6, seconds: 8, cpu: 16 });
});

test("a member's counts are their own", () => {
  const one = countedForMember(undefined, painting('ada', 2), NOON - DAY);
  expect(spans(countedForMember(one, painting('ada', 1), NOON), NOON)).toEqual({
    today: { requests: 1, pictures: 1, seconds: 8, cpu: 16 },
    week: { requests: 2, pictures: 3, seconds: 16, cpu: 32 },
    total: { requests: 2, pictures: 3, seconds: 16, cpu: 32 },
  });
});

describe('what nobody painted in', () => {
  test('has zeros', () => {
    expect(spans(null, NOON).total).toEqual({ requests: 0, pictures: 0, seconds: 0, cpu: 0 });
    expect(secondsByModel(null, NOON)).toEqual([]);
    expect(sparkline(picturesByDay(null, NOON))).toBe('▁▁▁▁▁▁▁');
  });
});

test('bars are as high as the numbers are large', () => {
  expect(sparkline([0, 1, 7, 3])).toBe('▁▂█▄');
});
