import { expect, test } from 'vitest';
import { Links } from '../../../src/bot/api/links.js';

const file = (bytes: number) => ({ bytes: new Uint8Array(bytes), type: 'image/png' });

test('pictures are there for an hour, and the oldest make room', () => {
  let now = 0;
  const links = new Links(() => now, 100);
  const [first, second] = [links.add(file(40)), links.add(file(60))];
  expect([links.get(first), links.get(second)]).toMatchObject([{ type: 'image/png' }, {}]);
  const third = links.add(file(30));
  expect(links.get(first)).toBeUndefined();
  expect(links.bytes).toBe(90);
  now = 60 * 60 * 1000;
  expect([links.get(second), links.get(third)]).toEqual([undefined, undefined]);
  expect(links.bytes).toBe(0);
});

test('one that is larger than all may be is there until the next', () => {
  const links = new Links(() => 0, 100);
  const large = links.add(file(200));
  expect(links.get(large)?.bytes).toHaveLength(200);
  links.add(file(1));
  expect(links.bytes).toBe(1);
});
