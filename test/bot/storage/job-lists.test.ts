import Keyv from 'keyv';
import { expect, test } from 'vitest';
import { JobLists, MOST_LISTED } from '../../../src/bot/storage/job-lists.js';

const LIST = { kind: 'all', userId: 'ada', guildId: 'studio' } as const;
const TOP = 'z';
const jobNumber = (n: number) => String(n).padStart(16, '0');

/** Lists over a store that counts its reads. */
function counted() {
  const store = new Keyv();
  const get = store.get.bind(store);
  const reads = { count: 0 };
  store.get = ((key: string) => {
    reads.count++;
    return get(key);
  }) as typeof store.get;
  return { store, lists: new JobLists(store), reads };
}

async function some(jobs: AsyncGenerator<string>, count = Number.POSITIVE_INFINITY): Promise<string[]> {
  const found: string[] = [];
  for await (const job of jobs) if (found.push(job) === count) break;
  return found;
}

async function keysOf(store: Keyv): Promise<string[]> {
  const keys: string[] = [];
  for await (const [key] of store.iterator!({})) keys.push(key as string);
  return keys;
}

test('the newest come first, whichever was added first, each once', async () => {
  const { lists } = counted();
  const numbers = Array.from({ length: 450 }, (_, n) => (n * 7) % 450);
  for (const n of [...numbers, 3, 449]) await lists.add(LIST, jobNumber(n));
  const down = Array.from({ length: 450 }, (_, n) => jobNumber(449 - n));
  expect(await some(lists.older(LIST, TOP))).toEqual(down);
  expect(await some(lists.older(LIST, jobNumber(250)))).toEqual(down.slice(200));
  expect(await some(lists.newer(LIST, jobNumber(250)))).toEqual(down.slice(0, 199).reverse());
});

test('a page in the middle of thousands costs three reads', async () => {
  const { lists, reads } = counted();
  await lists.fill(
    LIST,
    Array.from({ length: 4000 }, (_, n) => jobNumber(n)),
  );
  reads.count = 0;
  expect(await some(lists.older(LIST, jobNumber(2050)), 9)).toHaveLength(9);
  expect(await some(lists.newer(LIST, jobNumber(2050)), 9)).toHaveLength(9);
  expect(reads.count).toBeLessThanOrEqual(5);
  reads.count = 0;
  await lists.add(LIST, jobNumber(4000));
  expect(reads.count).toBeLessThanOrEqual(3);
});

test('what is removed is gone, and an emptied list leaves nothing but its place', async () => {
  const { lists, store } = counted();
  const jobs = Array.from({ length: 205 }, (_, n) => jobNumber(n));
  await Promise.all(jobs.map((job) => lists.add(LIST, job)));
  await lists.remove(LIST, jobNumber(42));
  await lists.remove(LIST, 'a stranger');
  expect(await some(lists.older(LIST, TOP))).toHaveLength(204);
  for (const job of jobs) await lists.remove(LIST, job);
  expect(await some(lists.older(LIST, TOP))).toEqual([]);
  expect(await keysOf(store)).toEqual(['places:ada']);
  await lists.add(LIST, jobNumber(1));
  expect(await some(lists.newer(LIST, ''))).toEqual([jobNumber(1)]);
});

test('the oldest make room when a list is full', async () => {
  const { lists, store } = counted();
  await lists.fill(
    LIST,
    Array.from({ length: MOST_LISTED + 20 }, (_, n) => jobNumber(n)),
  );
  expect(await some(lists.older(LIST, TOP))).toHaveLength(MOST_LISTED);
  await lists.add(LIST, jobNumber(MOST_LISTED + 20));
  const left = await some(lists.older(LIST, TOP));
  expect(left[0]).toBe(jobNumber(MOST_LISTED + 20));
  expect(left.length).toBeLessThanOrEqual(MOST_LISTED);
  expect((await keysOf(store)).length).toBeLessThanOrEqual(52);
});

test('filling a list keeps what was added meanwhile', async () => {
  const { lists } = counted();
  await lists.add(LIST, jobNumber(300));
  await lists.fill(
    LIST,
    Array.from({ length: 250 }, (_, n) => jobNumber(n)),
  );
  expect((await some(lists.older(LIST, TOP))).slice(0, 2)).toEqual([jobNumber(300), jobNumber(249)]);
});

test('members, guilds and favourites have lists of their own, and a member’s are forgotten together', async () => {
  const { lists, store } = counted();
  const others = [
    { ...LIST, guildId: null },
    { ...LIST, kind: 'star' },
    { ...LIST, userId: 'ben' },
  ] as const;
  for (const [n, list] of [LIST, ...others].entries()) await lists.add(list, jobNumber(n));
  for (const [n, list] of [LIST, ...others].entries())
    expect(await some(lists.newer(list, ''))).toEqual([jobNumber(n)]);
  expect(await lists.places('ada')).toEqual(['studio', null]);
  await lists.forget('ada');
  expect((await keysOf(store)).every((key) => key.includes('ben'))).toBe(true);
  expect(await lists.places('ada')).toEqual([]);
});
