import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Database from 'libsql';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DEFAULTS, GuildSettings } from '../../../src/bot/rules/settings.js';
import { Store } from '../../../src/bot/storage/store.js';

let folder: string;
let store: Store;
let settings: GuildSettings;
const logged: string[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'easel-settings-'));
  store = await Store.open({ databaseUrl: `sqlite://${folder}/easel.db` });
  logged.length = 0;
  settings = new GuildSettings(
    store.namespace('settings'),
    pino({ level: 'error' }, { write: (line) => void logged.push(line) }),
  );
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true });
});

test('a server that set nothing, and direct messages, have the defaults', async () => {
  expect(await settings.of('1')).toEqual(DEFAULTS);
  expect(await settings.of(null)).toEqual(DEFAULTS);
});

test("the operator's words are refused everywhere, before a server's own, and are kept in no server's rules", async () => {
  const kept = store.namespace('settings');
  const rules = new GuildSettings(kept, pino({ level: 'silent' }), ['gun*']);
  expect((await rules.of(null)).refused).toEqual(['gun*']);
  expect((await rules.change('1', { words: ['clown'] })).refused).toEqual(['gun*', 'clown']);
  expect(await rules.of('1')).toMatchObject({ words: ['clown'], refused: ['gun*', 'clown'] });
  expect(await kept.get('1')).not.toHaveProperty('refused');
  expect((await rules.reset('1')).refused).toEqual(['gun*']);
});

test('none of many concurrent changes is lost', async () => {
  const add = (name: string) =>
    settings.change('1', ({ styles }) => ({ styles: [...styles, { name, prompt: name, negative: '' }] }));
  const names = Array.from({ length: 12 }, (_, k) => `style ${k}`);
  await Promise.all([
    ...names.map(add),
    settings.change('1', { perHour: 7 }),
    settings.change('1', { words: ['clown'] }),
  ]);
  const { styles, perHour, words } = await settings.of('1');
  expect([styles.map(({ name }) => name), perHour, words]).toEqual([names, 7, ['clown']]);
});

test('a change that throws changes nothing and holds up nobody', async () => {
  const refused = settings.change('1', () => {
    throw new Error('no');
  });
  const after = settings.change('1', { perHour: 3 });
  await expect(refused).rejects.toThrow('no');
  expect((await after).perHour).toBe(3);
});

describe.each([
  ['is no JSON', '{"value":{"words":["clo'],
  ['is empty', ''],
  ['has no value', '{}'],
  ['is null', 'null'],
  ['is of another form', '{"value":{"words":"clown"}}'],
  ['has a policy that this version does not know', '{"value":{"nsfw":"blur"}}'],
])('a record that %s', (_, text) => {
  beforeEach(async () => {
    await settings.change('1', { words: ['clown'], channels: ['2'] });
    const { database } = store.backend as { database: Database.Database };
    const [{ name }] = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all() as [
      { name: string },
    ];
    expect(database.prepare(`UPDATE ${name} SET value = ? WHERE key LIKE '%1'`).run(text).changes).toBe(1);
  });

  test('forbids everything until it is set back', async () => {
    for (const read of [() => settings.of('1'), () => settings.change('1', { perHour: 1 })]) {
      await expect(read()).rejects.toMatchObject({ key: 'settingsBroken' });
    }
    expect(logged).toHaveLength(1);
    expect(await settings.of('2')).toEqual(DEFAULTS);
    await settings.reset('1');
    expect(await settings.of('1')).toEqual(DEFAULTS);
  });
});
