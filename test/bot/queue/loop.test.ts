import { expect, test } from 'vitest';
import { seeded } from '../../../bench/crowd.js';
import { simulatePainters } from '../../../bench/several-painters.js';
import { FairQueue } from '../../../src/bot/queue/fair-queue.js';
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

/** A loop of painters that come, go and rest; what each started. */
function changing(...names: string[]) {
  const all = [...names];
  const resting = new Set<string>();
  const models = new Map<string, string>();
  const ends = new Map<string, () => void>();
  const seen: string[] = [];
  const loop = new Loop<string>({
    painters: () => all,
    takes: (painter) => !resting.has(painter),
    // A painter is called after the models that it has.
    can: (id, painter) => painter.includes(models.get(id) ?? ''),
    run: (id, painter) => {
      seen.push(`${id} ${painter}`);
      return new Promise<void>((resolve) => ends.set(id, resolve));
    },
  });
  const add = (id: string, model = '') => {
    models.set(id, model);
    loop.add({ id, guild: id[0]!, user: id[0]!, work: 1 });
  };
  const end = async (id: string) => {
    ends.get(id)!();
    await new Promise(setImmediate);
  };
  loop.start();
  return { loop, all, resting, seen, add, end };
}

test('while no painter lives everything waits, and painters that come take what is next', async () => {
  const { loop, all, seen, add, end } = changing();
  for (const id of ['a0', 'b0', 'c0']) add(id);
  expect(seen).toEqual([]);
  all.push('p', 'q');
  loop.fill();
  expect(seen).toEqual(['a0 p', 'b0 q']);
  all.splice(0);
  await end('a0');
  expect(loop.waiting()).toEqual(['c0']);
  // Its painter has gone; it may still end.
  expect(loop.jobsOf('q')).toEqual(['b0']);
  await end('b0');
  all.push('r');
  loop.fill();
  expect(seen.at(-1)).toBe('c0 r');
});

test('a painter that rests gets nothing until its rest is over', () => {
  const { loop, resting, seen, add } = changing('p', 'q');
  resting.add('p');
  for (const id of ['a0', 'b0']) add(id);
  expect(seen).toEqual(['a0 q']);
  resting.clear();
  loop.fill();
  expect(seen).toEqual(['a0 q', 'b0 p']);
});

test('a job whose painters are busy holds back only those that its painters could paint', async () => {
  const { seen, add, end } = changing('x', 'xy', 'y');
  for (const id of ['a0', 'b0']) add(id, 'x');
  add('c0', 'x');
  // It is behind c0, but "y" cannot paint c0; the next could only go to a painter that c0 waits for.
  add('d0', 'y');
  add('e0', 'y');
  expect(seen).toEqual(['a0 x', 'b0 xy', 'd0 y']);
  await end('b0');
  expect(seen.at(-1)).toBe('c0 xy');
  await end('d0');
  expect(seen.at(-1)).toBe('e0 y');
});

test('a job that nobody can paint holds back nobody', () => {
  const { seen, add, loop } = changing('x');
  add('a0', 'z');
  add('b0', 'x');
  expect(seen).toEqual(['b0 x']);
  expect(loop.waiting()).toEqual(['a0']);
});

test('a job that is given back is the next to start, before whoever came first, and is not paid for twice', async () => {
  const order: string[] = [];
  let gone = 1;
  const works = { a: 9, b: 1, c: 1 } as Record<string, number>;
  const waiting = (id: string) => ({ id, guild: id[0]!, user: 'u', work: works[id[0]!]! });
  const loop = new Loop<string>({
    painters: () => ['p'],
    run: async (id) => {
      order.push(id);
      if (id === 'a0' && gone-- > 0) loop.giveBack(waiting(id));
    },
  });
  for (const id of ['a0', 'b0', 'b1', 'c0', 'a1']) loop.add(waiting(id));
  loop.start();
  await expect.poll(() => loop.waiting()).toEqual([]);
  expect(order).toEqual(['a0', 'a0', 'b0', 'c0', 'b1', 'a1']);
});

test('of several that are given back, the one whose turn was first goes first; removed ones are gone', () => {
  const queue = new FairQueue();
  const job = (id: string) => ({ id, guild: id, user: 'u', work: 1 });
  for (const id of ['a', 'b', 'c', 'd']) queue.add(job(id));
  for (const id of ['a', 'b', 'c']) expect(queue.take()).toBe(id);
  queue.giveBack(job('c'), 2);
  queue.giveBack(job('a'), 0);
  queue.giveBack(job('b'), 1);
  expect(queue.order()).toEqual(['a', 'b', 'c', 'd']);
  expect(() => queue.giveBack(job('d'), 3)).toThrow('waits already');
  expect(() => queue.add(job('b'))).toThrow('waits already');
  queue.remove('b');
  expect(queue.size).toBe(3);
  expect(['a', 'c', 'd'].map(() => queue.take())).toEqual(['a', 'c', 'd']);
  expect(queue.first()).toBeUndefined();
});

test('whoever was passed over is served first, but has not saved up for more than that', () => {
  const queue = new FairQueue();
  for (let k = 0; k < 6; k++) {
    queue.add({ id: `held${k}`, guild: 'held', user: 'u', work: 1 });
    queue.add({ id: `fed${k}`, guild: 'fed', user: 'u', work: 1 });
  }
  for (let k = 0; k < 4; k++) queue.take(`fed${k}`);
  expect(queue.order().slice(0, 4)).toEqual(['held0', 'fed4', 'held1', 'fed5']);
});

test.each([1, 2, 4, 8])(
  '%i painters of different pace: jobs start in the fair order, and guilds get equal work',
  async (painters) => {
    const { started, share, lag } = await simulatePainters(painters, 400, seeded(painters));
    const [one] = [await simulatePainters(1, 400, seeded(painters))];
    expect(started).toEqual(one.started);
    expect(Math.abs(share - 0.5)).toBeLessThan(0.02);
    expect(lag).toBeLessThan(painters + 1);
  },
);
