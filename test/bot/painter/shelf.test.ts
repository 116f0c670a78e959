import { expect, test } from 'vitest';
import { Shelf } from '../../../src/bot/painter/shelf.js';
import type { ControlNetworks } from '../../../src/engine/runtime/control-networks.js';

function shelf() {
  const told: string[] = [];
  const open = async (path: string) => {
    if (path === 'broken') throw new Error('broken');
    told.push(`open ${path}`);
    return { release: async () => void told.push(`release ${path}`) } as ControlNetworks;
  };
  return { told, shelf: new Shelf(open) };
}

/** Begins a job; the result ends it. */
async function begin(from: Shelf<ControlNetworks>, path?: string) {
  const lent = await from.lend(path);
  return () => lent[Symbol.asyncDispose]();
}

test('a ControlNet is opened once for all jobs, and released when one begins that paints without it', async () => {
  const { told, shelf: own } = shelf();
  for (let job = 0; job < 3; job++) await (await begin(own, 'a'))();
  expect(told).toEqual(['open a']);
  const end = await begin(own);
  expect(told).toEqual(['open a', 'release a']);
  await end();
  await (await begin(own, 'a'))();
  await (await begin(own, 'b'))();
  expect(told).toEqual(['open a', 'release a', 'open a', 'release a', 'open b']);
});

test('one that a job still paints with is not released, and two jobs share it', async () => {
  const { told, shelf: own } = shelf();
  const [first, second] = [await begin(own, 'a'), await begin(own, 'a')];
  await (await begin(own, 'b'))();
  await first();
  await (await begin(own))();
  expect(told).toEqual(['open a', 'open b', 'release b']);
  await second();
  await begin(own);
  expect(told.at(-1)).toBe('release a');
});

test('one that cannot be opened is tried again for the next job', async () => {
  const { shelf: own } = shelf();
  await expect(own.lend('broken')).rejects.toThrow('broken');
  await expect(own.lend('broken')).rejects.toThrow('broken');
});
