import Keyv from 'keyv';
import { expect, test } from 'vitest';
import { fillLists } from '../../../src/bot/privacy/list-earlier.js';
import { JobLists } from '../../../src/bot/storage/job-lists.js';
import { Results } from '../../../src/bot/storage/results.js';

test('results of earlier versions are listed once, those without pictures never', async () => {
  const [store, members] = [new Keyv(), new Keyv()];
  const results = new Results(store, new JobLists(members));
  const listed = async (userId: string, guildId: string | null) => {
    const jobs: string[] = [];
    for await (const job of results.lists.older({ kind: 'all', userId, guildId }, 'z')) jobs.push(job);
    return jobs;
  };
  await store.set('0000000000000002', { userId: 'ada', guildId: 'studio', shown: 4 });
  await store.set('0000000000000001', { userId: 'ada', guildId: 'studio', shown: 1 });
  await store.set('0000000000000003', { userId: 'ada', guildId: null, shown: 1 });
  await store.set('0000000000000004', { userId: 'ben', guildId: 'studio', shown: 0 });
  await store.set('message:7', '0000000000000002');
  await fillLists(results, members);
  expect(await listed('ada', 'studio')).toEqual(['0000000000000002', '0000000000000001']);
  expect(await listed('ada', null)).toEqual(['0000000000000003']);
  expect(await listed('ben', 'studio')).toEqual([]);
  await store.set('0000000000000005', { userId: 'ben', guildId: 'studio', shown: 1 });
  await fillLists(results, members);
  expect(await listed('ben', 'studio')).toEqual([]);
});
