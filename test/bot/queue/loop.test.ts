import { expect, test } from 'vitest';
import { Loop } from '../../../src/bot/queue/loop.js';

/** A loop whose jobs take a few turns of the event loop; what ran, and by which painter. */
function record(painters: readonly string[]) {
  const seen: string[] = [];
  const busy = new Set<string>();
  let most = 0;
  const run = async (id: string, painter: string) => {
    expect(busy.has(painter)).toBe(false);
    busy.add(painter);
    most = Math.max(most, busy.size);
    seen.push(id);
    for (let k = 0; k < 1 + (seen.length % 3); k++) await new Promise(setImmediate);
    busy.delete(painter);
  };
  const loop = new Loop({ painters: () => painters, run });
  const add = (guild: string, count: number) => {
    for (let k = 0; k < count; k++) loop.add({ id: `${guild}${k}`, guild, user: 'u', work: 1 });
  };
  const done = (count: number) => expect.poll(() => seen.length === count && busy.size === 0).toBe(true);
  return { loop, seen, add, done, most: () => most };
}

test.each([1, 2, 3])('%i painters have one job each, in the fair order', async (count) => {
  const { loop, seen, add, done, most } = record(['p', 'q', 'r'].slice(0, count));
  add('a', 3);
  add('b', 2);
  add('c', 1);
  expect(loop.waiting()).toEqual(['a0', 'b0', 'c0', 'a1', 'b1', 'a2']);
  loop.start();
  await done(6);
  expect(seen).toEqual(['a0', 'b0', 'c0', 'a1', 'b1', 'a2']);
  expect(most()).toBe(count);
  expect(loop.waiting()).toEqual([]);
});

test('a removed job is not run, and a later one is', async () => {
  const { loop, seen, add, done } = record(['p']);
  add('a', 2);
  add('b', 2);
  loop.remove('a0');
  loop.remove('b1');
  loop.remove('never-was');
  loop.start();
  await done(2);
  add('c', 1);
  await done(3);
  expect(seen).toEqual(['a1', 'b0', 'c0']);
});

test("a job added while others run gets its guild's turn, not the last one", async () => {
  const { loop, seen, add, done } = record(['p']);
  add('a', 3);
  loop.start();
  add('b', 1);
  await done(4);
  expect(seen).toEqual(['a0', 'b0', 'a1', 'a2']);
});

test('it stops when the running jobs have ended, and the rest waits', async () => {
  const { loop, seen, add, done } = record(['p', 'q']);
  add('a', 5);
  loop.start();
  await loop.stop();
  expect(seen).toEqual(['a0', 'a1']);
  expect(loop.waiting()).toEqual(['a2', 'a3', 'a4']);
  await done(2);
});

/** A loop of one painter that takes three jobs of a guild together; ends are told. */
function batched() {
  const ends = new Map<string, () => void>();
  const seen: string[] = [];
  const guildOf = (id: string) => id[0];
  const loop = new Loop({
    painters: () => ['p'],
    run: (id) => {
      seen.push(id);
      return new Promise<void>((resolve) => ends.set(id, resolve));
    },
    joins: (id, company) => company.length < 3 && company.every((other) => guildOf(other) === guildOf(id)),
  });
  const add = (id: string, user = 'u') => loop.add({ id, guild: id[0]!, user, work: 1 });
  const end = async (id: string) => {
    ends.get(id)!();
    await new Promise(setImmediate);
  };
  return { loop, seen, add, end };
}

test('a job joins those that are running, and the next when one has ended', async () => {
  const { loop, seen, add, end } = batched();
  for (const id of ['a0', 'a1', 'a2', 'a3', 'a4']) add(id);
  loop.start();
  expect(seen).toEqual(['a0', 'a1', 'a2']);
  expect(loop.jobsOf('p')).toEqual(['a0', 'a1', 'a2']);
  await end('a1');
  expect(seen.at(-1)).toBe('a3');
  expect(loop.waiting()).toEqual(['a4']);
});

test('a job that does not suit the company is not overtaken, however many would suit it', async () => {
  const { loop, seen, add, end } = batched();
  loop.start();
  add('a0');
  add('b0');
  for (const id of ['a1', 'a2', 'a3']) add(id);
  expect(seen).toEqual(['a0']);
  await end('a0');
  expect(seen).toEqual(['a0', 'b0']);
  await end('b0');
  expect(seen).toEqual(['a0', 'b0', 'a1', 'a2', 'a3']);
});

test('when the job that closed the company leaves the queue, the others join', () => {
  const { loop, seen, add } = batched();
  loop.start();
  for (const id of ['a0', 'b0', 'a1']) add(id);
  loop.remove('b0');
  expect(seen).toEqual(['a0', 'a1']);
});

test('a company is filled in the fair order: members take turns in it too', () => {
  const { loop, seen, add } = batched();
  for (const id of ['a0', 'a1', 'a2', 'a3']) add(id, 'greedy');
  add('a4', 'other');
  loop.start();
  expect(seen).toEqual(['a0', 'a4', 'a1']);
});
