import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OTHERS, seeded, simulateCrowd } from '../../../bench/crowd.js';
import { fullFor } from '../../../src/bot/queue/places.js';

const limits = { userQueue: 4, guildQueue: 50 };
const guild = (...counts: number[]) => new Map(counts.map((count, k) => [`u${k}`, count]));

test('a member has a limit of waiting requests, in direct messages too', () => {
  expect(fullFor('a', 3, null, limits)).toBeNull();
  expect(fullFor('a', 4, null, limits)).toBe('userQueue');
  expect(fullFor('a', 4, guild(), limits)).toBe('userQueue');
});

test('a member with none waiting always gets a place', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 80 }), (counts) => {
      expect(fullFor('newcomer', 0, guild(...counts), limits)).toBeNull();
    }),
  );
});

test('a member with some waiting gets no more when all places are taken', () => {
  expect(fullFor('u0', 1, guild(1, ...Array(24).fill(2), 1), limits)).toBe('guildQueue');
});

test('the longest queues give way before the last place is taken', () => {
  const counts = guild(3, 1, ...Array(28).fill(1));
  expect(fullFor('u0', 3, counts, limits)).toBe('guildQueue');
  expect(fullFor('u1', 1, counts, limits)).toBeNull();
});

test('never more wait than there are places, and one for each member beyond', () => {
  const asker = fc.integer({ min: 0, max: 70 });
  fc.assert(
    fc.property(fc.array(asker, { maxLength: 400 }), (askers) => {
      const waiting = new Map<string, number>();
      for (const k of askers) {
        const user = `u${k}`;
        const own = waiting.get(user) ?? 0;
        if (!fullFor(user, own, waiting, limits)) waiting.set(user, own + 1);
      }
      const all = [...waiting.values()].reduce((sum, count) => sum + count, 0);
      expect(all).toBeLessThanOrEqual(Math.max(limits.guildQueue, 0) + waiting.size);
    }),
  );
});

describe('in a simulated guild where thirteen fill all places and thirty ask now and then', () => {
  const plain: typeof fullFor = (_, own, waiting, { userQueue, guildQueue }) => {
    if (own >= userQueue) return 'userQueue';
    return [...waiting!.values()].reduce((sum, count) => sum + count, 0) >= guildQueue ? 'guildQueue' : null;
  };

  test('a limit for the guild alone refuses most of the thirty', () => {
    const { asked, refused } = simulateCrowd(plain, seeded(1));
    expect(refused / asked).toBeGreaterThan(0.8);
  });

  test('nobody of the thirty is refused who has nothing waiting, and the thirteen are served alike', () => {
    const { asked, refused, waits, longest, greedy } = simulateCrowd(fullFor, seeded(1));
    expect(asked).toBeGreaterThan(50);
    expect(refused).toBe(0);
    expect(waits.length).toBeGreaterThan(50);
    // Behind one long job of each of the thirteen, one that is painted, and some of the thirty.
    expect(Math.max(...waits)).toBeLessThanOrEqual(15 * 60);
    expect(longest).toBeLessThanOrEqual(50 + OTHERS);
    expect(Math.max(...greedy) - Math.min(...greedy)).toBeLessThanOrEqual(1);
  });
});
