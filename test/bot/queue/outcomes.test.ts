import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==',
  'base64',
);
const picture = { width: 1, height: 1, seed: 1 };
const painted = {
  kind: 'painted',
  pictures: [
    { ...picture, flagged: false, png },
    { ...picture, flagged: true, png: null },
    { ...picture, flagged: true, png },
  ],
  notices: [],
} satisfies Outcome;

test('pictures are read as they were painted, flagged ones with and without their bytes', async () => {
  await outcomes.save('whole', painted);
  expect(await outcomes.load('whole')).toEqual(painted);
});

test.each(['without checksums', 'with them'])(
  'a hidden picture of a version that kept an empty file is read, %s',
  async (how) => {
    const sha256 = (bytes: Buffer) =>
      how === 'with them' ? createHash('sha256').update(bytes).digest('hex') : undefined;
    const [none, id] = [Buffer.alloc(0), how.replace(' ', '-')];
    mkdirSync(join(folder, id));
    for (const [k, bytes] of [png, none].entries()) writeFileSync(join(folder, id, `${k}.png`), bytes);
    const pictures = [
      { ...picture, flagged: false, sha256: sha256(png) },
      { ...picture, flagged: true, sha256: sha256(none) },
    ];
    writeFileSync(join(folder, id, 'outcome.json'), JSON.stringify({ ...painted, pictures }));
    expect(await outcomes.load(id)).toEqual({ ...painted, pictures: painted.pictures.slice(0, 2) });
  },
);

const damages: Record<string, (bytes: Buffer) => Buffer> = {
  empty: () => Buffer.alloc(0),
  'cut short': (bytes) => bytes.subarray(0, bytes.length - 1),
  'full of zeros': (bytes) => Buffer.alloc(bytes.length),
};

describe.each(Object.entries(damages))('a file that is %s after a power cut', (_, damage) => {
  test.each(['0.png', '2.png', 'outcome.json'])('makes the outcome one that is painted again: %s', async (name) => {
    await outcomes.save('damaged', painted);
    const path = join(folder, 'damaged', name);
    writeFileSync(path, damage(readFileSync(path)));
    expect(await outcomes.load('damaged')).toBeNull();
  });
});

test('of a version that kept no checksums, only pictures that end as a PNG does, and flagged ones without bytes', async () => {
  await outcomes.save('plain', painted);
  const path = join(folder, 'plain', 'outcome.json');
  writeFileSync(path, readFileSync(path, 'utf8').replaceAll(/,"sha256":"\w+"/g, ''));
  expect(await outcomes.load('plain')).toEqual(painted);
  for (const damage of [damages.empty!, damages['cut short']!]) {
    writeFileSync(join(folder, 'plain', '0.png'), damage(png));
    expect(await outcomes.load('plain')).toBeNull();
  }
});
