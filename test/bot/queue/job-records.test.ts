import { join } from 'node:path';
import pino from 'pino';
import { expect, test } from 'vitest';
import { JobRecords } from '../../../src/bot/queue/job-records.js';
import { Store } from '../../../src/bot/storage/store.js';
import { aJob } from '../request.js';
import { temporaryFolder } from '../servers.js';

test('jobs are read as they were written, with and without an answer to edit, and as earlier versions wrote those', async () => {
  using folder = temporaryFolder();
  await using store = await Store.open({ databaseUrl: `sqlite://${join(folder.path, 'easel.sqlite')}` });
  const records = new JobRecords(store.namespace('jobs'), pino({ level: 'silent' }));
  const asked = { ...aJob(), createdAt: 1 };
  const { token, tokenExpiresAt, ...origin } = asked.origin;
  const reacted = { ...aJob(), createdAt: 2, origin };
  const earlier = { ...aJob(), createdAt: 3, origin };
  await records.save(asked);
  await records.save(reacted);
  await store.namespace('jobs').set(earlier.id, { ...earlier, origin: { ...origin, token: '', tokenExpiresAt: 0 } });
  const read = await records.load();
  expect(read).toEqual([asked, reacted, earlier]);
  expect(read.map((job) => 'token' in job.origin)).toEqual([true, false, false]);
});
