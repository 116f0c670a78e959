import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Blocks } from '../../../src/bot/rules/blocks.js';
import { Store } from '../../../src/bot/storage/store.js';
import { translateFor } from '../../../src/bot/text/i18n.js';
import { temporaryFolder } from '../servers.js';

const NOW = Date.now();
const HOUR = 3_600_000;
const one = { at: NOW, until: NOW + HOUR, reason: 'spam', by: '99' };
const folder = temporaryFolder();
let store: Store;
let now = NOW;
let blocks: Blocks;
beforeAll(async () => {
  store = await Store.open({ databaseUrl: `sqlite://${join(folder.path, 'easel.sqlite')}` });
  blocks = new Blocks(store.namespace('blocks'), () => now);
});
afterAll(async () => {
  await store.close();
  folder[Symbol.dispose]();
});

test('a block holds in its server, for its member, until it ends', async () => {
  await blocks.set('1', '7', one);
  await expect(blocks.check('1', '7')).rejects.toMatchObject({ key: 'blocked' });
  for (const [guild, user] of [
    ['2', '7'],
    ['1', '8'],
    [null, '7'],
  ] as const)
    await blocks.check(guild, user);
  now = NOW + HOUR;
  await blocks.check('1', '7');
  expect(await blocks.list('1')).toEqual([]);
  now = NOW;
});

test('without an end it holds until it is lifted', async () => {
  await blocks.set('1', '8', { ...one, until: null, at: NOW + 1 });
  now = NOW + 1000 * 24 * HOUR;
  await expect(blocks.check('1', '8')).rejects.toMatchObject({ key: 'blocked' });
  now = NOW;
  expect((await blocks.list('1')).map(([user]) => user)).toEqual(['8', '7']);
  expect(await blocks.end('1', '8')).toBe(true);
  expect(await blocks.end('1', '8')).toBe(false);
  await blocks.check('1', '8');
});

test('one that cannot be read holds until it is lifted', async () => {
  await store.namespace('blocks').set('3:7', { until: 'soon' });
  await expect(blocks.check('3', '7')).rejects.toMatchObject({ key: 'blocked' });
  expect(await blocks.end('3', '7')).toBe(true);
});

test('who is blocked is told until when and why, in their language', async () => {
  const error = await blocks.check('1', '7').catch((refusal) => refusal);
  const when = `<t:${Math.ceil((NOW + HOUR) / 1000)}:f>`;
  expect(error.text(translateFor('en'))).toBe(
    `I am sorry, you may not use me in this server until ${when} (reason: spam).`,
  );
  expect(error.text(translateFor('de'))).toBe(
    `Tut mir leid, du darfst mich auf diesem Server bis ${when} (Grund: spam) nicht benutzen.`,
  );
});

test('what is exported names nobody else, and what is deleted ends no block', async () => {
  expect(await blocks.ofUser('7')).toEqual([{ guild: '1', at: NOW, until: NOW + HOUR, reason: 'spam' }]);
  expect(await blocks.ofUser('99')).toEqual([
    { guild: '1', setByThem: true, at: NOW, until: NOW + HOUR, reason: 'spam' },
  ]);
  for (const user of ['7', '99']) await blocks.forget(user);
  expect(await blocks.of('1', '7')).toEqual({ ...one, by: null });
});
