import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Company } from '../../src/engine/company.js';

/** Calls that end when they are told to; what began and ended, in order. */
function watch(room: number) {
  const company = new Company(room);
  const seen: string[] = [];
  const ends = new Map<string, () => void>();
  const call = (name: string, kind: string | null = null, size = 1, signal?: AbortSignal) =>
    company.run(
      async () => {
        seen.push(name);
        await new Promise<void>((resolve) => ends.set(name, resolve));
      },
      { kind, size, signal },
    );
  const end = async (name: string) => {
    ends.get(name)!();
    await new Promise(setImmediate);
  };
  return { seen, call, end };
}

const settled = () => new Promise(setImmediate);

test('neighbours of one kind run together, as far as there is room', async () => {
  const { seen, call, end } = watch(3);
  for (const name of ['a1', 'a2', 'a3', 'a4']) void call(name, 'a');
  await settled();
  expect(seen).toEqual(['a1', 'a2', 'a3']);
  await end('a2');
  expect(seen).toEqual(['a1', 'a2', 'a3', 'a4']);
});

test('a call of another kind is not overtaken: it closes the company', async () => {
  const { seen, call, end } = watch(4);
  void call('a1', 'a');
  void call('b1', 'b');
  void call('a2', 'a');
  await settled();
  expect(seen).toEqual(['a1']);
  await end('a1');
  expect(seen).toEqual(['a1', 'b1']);
  await end('b1');
  expect(seen).toEqual(['a1', 'b1', 'a2']);
});

test('a call larger than the room, and one without a kind, run alone', async () => {
  const { seen, call, end } = watch(4);
  void call('large', 'a', 9);
  void call('a1', 'a');
  void call('alone');
  void call('alone too');
  await settled();
  for (const name of ['large', 'a1', 'alone']) {
    expect(seen.at(-1)).toBe(name);
    await end(name);
  }
  expect(seen).toEqual(['large', 'a1', 'alone', 'alone too']);
});

test('one that is aborted while it waits leaves at once, and opens the way for the next', async () => {
  const { seen, call, end } = watch(2);
  const abort = new AbortController();
  void call('a1', 'a');
  const left = call('b1', 'b', 1, abort.signal);
  void call('a2', 'a');
  await settled();
  abort.abort(new Error('changed my mind'));
  await expect(left).rejects.toThrow('changed my mind');
  await settled();
  expect(seen).toEqual(['a1', 'a2']);
  await expect(call('never', 'a', 1, abort.signal)).rejects.toThrow('changed my mind');
  await end('a1');
});

test('one that fails makes room', async () => {
  const company = new Company();
  await expect(company.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await company.run(async () => 1)).toBe(1);
});

test('whatever comes: all run, in order, never two kinds or too many at once', async () => {
  const calls = fc.array(fc.record({ kind: fc.constantFrom('a', 'b', null), size: fc.integer({ min: 1, max: 5 }) }));
  await fc.assert(
    fc.asyncProperty(calls, fc.integer({ min: 1, max: 4 }), fc.infiniteStream(fc.nat(3)), async (all, room, waits) => {
      const company = new Company(room);
      const began: number[] = [];
      const running = new Set<(typeof all)[0]>();
      await Promise.all(
        all.map((call, k) =>
          company.run(async () => {
            began.push(k);
            running.add(call);
            if (running.size > 1) {
              expect(new Set([...running].map(({ kind }) => kind)).size).toBe(1);
              expect(call.kind).not.toBeNull();
              expect([...running].reduce((sum, { size }) => sum + size, 0)).toBeLessThanOrEqual(room);
            }
            for (let turns = waits.next().value; turns > 0; turns--) await settled();
            running.delete(call);
          }, call),
        ),
      );
      expect(began).toEqual(all.map((_, k) => k));
    }),
    { numRuns: 100 },
  );
});
