import Database from 'libsql';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { GroupCommit } from '../../../src/bot/storage/group-commit.js';

let database: Database.Database;
let commits: GroupCommit;
let committed: () => number;
beforeEach(() => {
  database = new Database(':memory:');
  database.exec('CREATE TABLE words (word TEXT PRIMARY KEY)');
  commits = new GroupCommit(database);
  const statements = vi.spyOn(database, 'exec');
  committed = () => statements.mock.calls.filter(([sql]) => sql === 'COMMIT').length;
});
afterEach(() => database.close());

const add = (word: string) => () => database.prepare('INSERT INTO words VALUES (?)').run(word);
const words = () =>
  (database.prepare('SELECT word FROM words ORDER BY word').all() as { word: string }[]).map((row) => row.word);
const turn = () => new Promise((resolve) => setImmediate(resolve));

test('the writes of one turn wait for the disk once, and can be read before', async () => {
  const writes = Promise.all(['a', 'b', 'c'].map((word) => commits.write(add(word))));
  commits.writeSoon(add('d'));
  expect(words()).toEqual(['a', 'b', 'c', 'd']);
  expect(committed()).toBe(0);
  await writes;
  expect(committed()).toBe(1);
  await commits.write(add('e'));
  expect(committed()).toBe(2);
  await turn();
  expect([committed(), database.inTransaction]).toEqual([2, false]);
});

test('a write that fails takes no other with it', async () => {
  const writes = ['a', 'a', 'b'].map((word) => commits.write(add(word)));
  const outcomes = await Promise.allSettled(writes);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(words()).toEqual(['a', 'b']);
  await expect(commits.write(add('a'))).rejects.toThrow(/UNIQUE/);
  await turn();
  expect(database.inTransaction).toBe(false);
});

test('where SQLite undoes the whole group, each of its writes fails, and the next ones do not', async () => {
  const undo = () => {
    database.exec('ROLLBACK');
    throw new Error('the disk is full');
  };
  const outcomes = Promise.allSettled([commits.write(add('a')), commits.write(undo), commits.write(add('b'))]);
  expect(await outcomes).toMatchObject([
    { status: 'rejected', reason: { message: 'the disk is full' } },
    { status: 'rejected', reason: { message: 'the disk is full' } },
    { status: 'fulfilled' },
  ]);
  expect(words()).toEqual(['b']);
});

test('a group that cannot be committed fails whole', async () => {
  database.exec('PRAGMA foreign_keys = ON');
  database.exec('CREATE TABLE uses (word TEXT REFERENCES words DEFERRABLE INITIALLY DEFERRED)');
  const use = () => database.prepare("INSERT INTO uses VALUES ('missing')").run();
  const outcomes = await Promise.allSettled([commits.write(add('a')), commits.write(use)]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect([words(), database.inTransaction]).toEqual([[], false]);
});

test('what must be a transaction of its own comes after those of its turn', async () => {
  const write = commits.write(add('a'));
  commits.flush();
  database.exec('VACUUM');
  await write;
  await turn();
  expect([words(), committed()]).toEqual([['a'], 1]);
});
