import Keyv from 'keyv';
import { describe, expect, test } from 'vitest';
import { JobLists } from '../../../src/bot/storage/job-lists.js';
import { Results } from '../../../src/bot/storage/results.js';
import { aJob } from '../request.js';

/** A result whose first answer is known, as it is while it is painted. */
async function answered() {
  const store = new Keyv();
  const results = new Results(store, new JobLists(new Keyv()));
  const job = aJob({ userId: 'alice', channelId: 'general' });
  await results.remember(job);
  await results.posted(job.id, 'message', 'general');
  const record = (await results.get(job.id))!;
  return { store, results, id: job.id, found: { job: job.id, record } };
}

// The calls are made at the same moment: each waits for the store in between.
describe('a result that is removed while it is written down which message shows it', () => {
  test('keeps both: that it is to be removed, and what it shows', async () => {
    const { results, id } = await answered();
    await Promise.all([results.posted(id, 'message', 'general', 2, [1]), results.removing(id)]);
    expect(await results.get(id)).toMatchObject({ removing: true, shown: 2, flagged: [1] });
    await Promise.all([results.removing(id, false), results.posted(id, 'message', 'general', 3)]);
    expect(await results.get(id)).toMatchObject({ shown: 3 });
    expect(await results.isRemoved(id)).toBe(false);
  });

  test.each(['posted first', 'removed first'])('leaves nothing: %s', async (order) => {
    const { store, results, id, found } = await answered();
    const calls = [() => results.posted(id, 'message', 'general', 2), () => results.remove(found)];
    if (order === 'removed first') calls.reverse();
    await Promise.all(calls.map((call) => call()));
    expect(await results.get(id)).toBeNull();
    expect(await results.isRemoved(id)).toBe(true);
    expect(await results.behind('message')).toBeNull();
    expect(await results.latest('alice', 'general')).toBeNull();
    const left: unknown[] = [];
    for await (const entry of store.iterator!({})) left.push(entry);
    expect(left).toEqual([]);
  });
});
