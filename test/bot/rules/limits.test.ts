import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Limits } from '../../../src/bot/rules/limits.js';
import type { Store } from '../../../src/bot/storage/store.js';
import { onEachStore } from '../each-store.js';
import { temporaryFolder } from '../servers.js';

const HOUR = 3600_000;
const config = { userPerHour: 10, guildPerHour: 25 };

onEachStore((open) => {
  const folder = temporaryFolder();
  let store: Store;
  let limits: Limits;
  beforeAll(async () => {
    store = await open(folder.path);
    limits = await Limits.open(store, config);
  });
  afterAll(async () => {
    await store?.close();
    folder[Symbol.dispose]();
  });

  test('a user has an hourly limit, and is told when it ends', async () => {
    const wish = { userId: 'ann', guildId: null, pictures: 4 };
    expect((await limits.take(wish)).ok).toBe(true);
    expect((await limits.take(wish)).ok).toBe(true);
    const before = Date.now();
    const refused = await limits.take(wish);
    expect(refused).toMatchObject({ ok: false, who: 'user' });
    const { retryAt } = refused as { retryAt: number };
    expect(retryAt).toBeGreaterThan(before + HOUR - 10_000);
    expect(retryAt).toBeLessThanOrEqual(Date.now() + HOUR);
    expect((await limits.take({ ...wish, pictures: 2 })).ok).toBe(true);
  });

  test('an hour that began while the clock was a day ahead ends when the clock is right', async () => {
    const wish = { userId: 'ada', guildId: null, pictures: 10 };
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 24 * HOUR });
    expect((await limits.take(wish)).ok).toBe(true);
    vi.useRealTimers();
    // Redis has a clock of its own: its hour began now.
    if (store.backend.kind !== 'redis') expect((await limits.take(wish)).ok).toBe(true);
    expect(await limits.take(wish)).toMatchObject({ ok: false, who: 'user' });
  });

  test('a guild has its own hour, and a refusal takes nothing from its member', async () => {
    for (const userId of ['u1', 'u2']) await limits.take({ userId, guildId: 'guild', pictures: 10 });
    const refused = await limits.take({ userId: 'u3', guildId: 'guild', pictures: 10 });
    expect(refused).toMatchObject({ ok: false, who: 'guild' });
    expect((await limits.take({ userId: 'u3', guildId: 'other', pictures: 10 })).ok).toBe(true);
  });

  test('without a member only the limit of the guild holds', async () => {
    const wish = { userId: null, guildId: 'api', pictures: 12 };
    expect((await limits.take(wish)).ok).toBe(true);
    expect((await limits.take(wish)).ok).toBe(true);
    expect(await limits.take(wish)).toMatchObject({ ok: false, who: 'guild' });
  });

  test('a refund gives back, once', async () => {
    const wish = { userId: 'bob', guildId: 'refunds', pictures: 10 };
    const taken = await limits.take(wish);
    if (!taken.ok) throw new Error('refused');
    expect((await limits.take(wish)).ok).toBe(false);
    await taken.refund();
    await taken.refund();
    expect((await limits.take(wish)).ok).toBe(true);
    expect((await limits.take({ ...wish, pictures: 1 })).ok).toBe(false);
  });

  test('a guild may be stricter with its members, which does not reach beyond it', async () => {
    const wish = { userId: 'cleo', guildId: 'strict', pictures: 2, perHour: 3 };
    expect((await limits.take(wish)).ok).toBe(true);
    expect(await limits.take(wish)).toMatchObject({ ok: false, who: 'user' });
    expect((await limits.take({ ...wish, guildId: 'lenient', perHour: undefined })).ok).toBe(true);
  });

  test('a new limit of a guild counts what was painted there in the current hour', async () => {
    const wish = { userId: 'gus', guildId: 'late', pictures: 4 };
    expect((await limits.take(wish)).ok).toBe(true);
    expect((await limits.take({ ...wish, pictures: 1, perHour: 5 })).ok).toBe(true);
    expect(await limits.take({ ...wish, pictures: 1, perHour: 5 })).toMatchObject({ ok: false, who: 'user' });
  });

  test('a usual request above the limit is allowed in a fresh hour, or it never would be; a larger one is not', async () => {
    const wish = { userId: 'dan', guildId: 'few', pictures: 4, perHour: 2 };
    expect(await limits.take({ ...wish, pictures: 5 })).toEqual({ ok: false, who: 'nobody', limit: 2 });
    expect((await limits.take(wish)).ok).toBe(true);
    expect(await limits.take({ ...wish, pictures: 1 })).toMatchObject({ ok: false, who: 'user' });
    expect(await limits.take({ ...wish, userId: 'ann', pictures: 11, perHour: 50 })).toMatchObject({ limit: 10 });
  });

  test('concurrent requests do not exceed the limit', async () => {
    const wish = { userId: 'eve', guildId: null, pictures: 1 };
    const grants = await Promise.all(Array.from({ length: 30 }, () => limits.take(wish)));
    expect(grants.filter(({ ok }) => ok).length).toBeLessThanOrEqual(10);
    expect(grants.filter(({ ok }) => ok).length).toBeGreaterThan(0);
  });

  test('what was taken is remembered after a restart', async () => {
    const wish = { userId: 'fay', guildId: null, pictures: 10 };
    await limits.take(wish);
    expect((await (await Limits.open(store, config)).take(wish)).ok).toBe(false);
  });
});
