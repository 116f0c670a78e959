import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Outcomes } from '../../../src/bot/queue/outcomes.js';
import type { Outcome } from '../../../src/bot/request/job.js';

let folder: string;
let outcomes: Outcomes;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'easel-outcomes-'));
  outcomes = await Outcomes.open(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

const meaning = { code: 'unknownWords', values: { model: 'easel-128', prompt: 'zyzzyva', examples: 'a cat' } };

test.each<Outcome>([
  { kind: 'painted', pictures: [], notices: [{ text: 'No such word.', meaning }, { text: 'Something else.' }] },
  { kind: 'failed', message: 'No such word.', meaning, id: 'job' },
  { kind: 'failed', message: null, id: 'job' },
  { kind: 'cancelled' },
])('%j is read as it was written', async (outcome) => {
  await outcomes.save('job', outcome);
  expect(await outcomes.load('job')).toEqual(outcome);
});

test('an outcome of a version that kept plain sentences is still delivered with them', async () => {
  mkdirSync(join(folder, 'old'));
  const old = { kind: 'painted', pictures: [], notices: ['The prompt was cut.'] };
  writeFileSync(join(folder, 'old', 'outcome.json'), JSON.stringify(old));
  expect(await outcomes.load('old')).toEqual({ ...old, notices: [{ text: 'The prompt was cut.' }] });
});
