import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Pictures } from '../../../src/bot/storage/pictures.js';
import { temporaryFolder } from '../servers.js';

const bytes = (count: number, value = 1) => new Uint8Array(count).fill(value);

test('a picture comes back under its key, given or at random', async () => {
  using folder = temporaryFolder();
  const pictures = await Pictures.open(folder.path, 1000);
  const key = await pictures.put(bytes(10, 7));
  expect(key).toMatch(/^[0-9a-f]{32}$/);
  expect(new Uint8Array((await pictures.get(key))!)).toEqual(bytes(10, 7));
  expect(await pictures.put(bytes(3), 'job-1.png')).toBe('job-1.png');
  expect(await pictures.get('job-2.png')).toBeNull();
});

test('the least recently used makes room, after a restart too', async () => {
  using folder = temporaryFolder();
  const pictures = await Pictures.open(folder.path, 300);
  for (const key of ['a', 'b', 'c']) {
    await pictures.put(bytes(100), key);
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
  await pictures.get('a');
  const again = await Pictures.open(folder.path, 300);
  await again.put(bytes(100), 'd');
  expect(readdirSync(folder.path).sort()).toEqual(['a', 'c', 'd']);
  expect(await again.get('b')).toBeNull();
});

test('it never exceeds its limit, and the same key counts once', async () => {
  using folder = temporaryFolder();
  const pictures = await Pictures.open(folder.path, 250);
  for (let k = 0; k < 5; k++) await pictures.put(bytes(100), 'same');
  expect(pictures.bytes).toBe(100);
  for (let k = 0; k < 20; k++) await pictures.put(bytes(60 + k));
  expect(pictures.bytes).toBeLessThanOrEqual(250);
});

test('an interrupted write is not a picture', async () => {
  using folder = temporaryFolder();
  for (const name of ['x.1234.part', 'x.1234.tmp']) writeFileSync(join(folder.path, name), 'half');
  writeFileSync(join(folder.path, 'empty'), '');
  await Pictures.open(folder.path, 1000);
  expect(readdirSync(folder.path)).toEqual([]);
});

test.each(['../secret', '/etc/passwd', '.hidden', '', 'a/b', 'x.part', 'x.tmp'])('"%s" is no key', async (key) => {
  using folder = temporaryFolder();
  const pictures = await Pictures.open(folder.path, 1000);
  await expect(pictures.get(key)).rejects.toThrow(RangeError);
  await expect(pictures.put(bytes(1), key)).rejects.toThrow(RangeError);
});
