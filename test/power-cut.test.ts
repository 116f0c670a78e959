import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { Outcomes } from '../src/bot/queue/outcomes.js';
import type { Outcome } from '../src/bot/request/job.js';
import { Pictures } from '../src/bot/storage/pictures.js';
import { writeNew } from '../src/engine/write-file.js';
import { temporaryFolder } from './bot/servers.js';
import type { PowerCut } from './power-cut.js';

const power = vi.hoisted(() => ({ cut: null as PowerCut | null }));
vi.mock('node:fs/promises', async (original) => {
  const { PowerCut } = await import('./power-cut.js');
  power.cut = new PowerCut();
  return power.cut.wrap(await original());
});
const cut = () => power.cut!;

const png = (value: number) => new Uint8Array(100).fill(value);
const painted = (...values: number[]): Outcome => ({
  kind: 'painted',
  pictures: values.map((value) => ({ png: png(value), width: 8, height: 8, seed: value, flagged: false })),
  notices: [],
});

test('after a power cut at any moment, an outcome is there as it was painted, or not at all', async () => {
  using folder = temporaryFolder();
  const [before, after] = [join(folder.path, 'before'), join(folder.path, 'after')];
  cut().watch(before);
  await Outcomes.open(before).then(async (outcomes) => {
    // What the last start left, which could not be read, is written anew.
    await outcomes.save('job', { kind: 'cancelled' });
    const first = cut().length;
    await outcomes.save('job', painted(1, 2));
    const saved = cut().length;
    await outcomes.save('other', painted(3));
    const seen: (Outcome['kind'] | undefined)[] = [];
    for (let calls = first; calls <= cut().length; calls++) {
      await cut().after(calls, after, async () => {
        const found = (await (await Outcomes.open(after)).load('job')) as Outcome | null;
        seen.push(found?.kind);
        if (calls >= saved || found?.kind === 'painted') expect(found).toMatchObject(asRead(painted(1, 2)));
      });
    }
    expect(new Set(seen)).toEqual(new Set(['cancelled', undefined, 'painted']));
  });
});

test('after a power cut at any moment, a picture in the cache is whole or gone; once it was put there, it stays', async () => {
  using folder = temporaryFolder();
  const [before, after] = [join(folder.path, 'before'), join(folder.path, 'after')];
  cut().watch(before);
  const pictures = await Pictures.open(before, 1e6);
  const opened = cut().length;
  await pictures.put(png(1), 'source');
  const put = cut().length;
  await pictures.put(png(2), 'other');
  for (let calls = opened + 1; calls <= cut().length; calls++) {
    await cut().after(calls, after, async () => {
      const found = await (await Pictures.open(after, 1e6)).get('source');
      if (found || calls >= put) expect(found && Buffer.from(found)).toEqual(Buffer.from(png(1)));
    });
  }
});

test('after a power cut at any moment, a picture of the command line is whole or not there; once it was told, it stays', async () => {
  using folder = temporaryFolder();
  const [before, after] = [join(folder.path, 'before'), join(folder.path, 'after')];
  cut().watch(before);
  await import('node:fs/promises').then(({ mkdir }) => mkdir(before));
  expect(await writeNew(join(before, 'a.png'), png(1))).toBe(true);
  const written = cut().length;
  for (let calls = 1; calls <= written; calls++) {
    await cut().after(calls, after, async () => {
      const path = join(after, 'a.png');
      if (existsSync(path) || calls === written) expect(readFileSync(path)).toEqual(Buffer.from(png(1)));
    });
  }
});

function asRead(outcome: Outcome): object {
  if (outcome.kind !== 'painted') return outcome;
  return {
    ...outcome,
    pictures: outcome.pictures.map((picture) => ({ ...picture, png: picture.png && Buffer.from(picture.png) })),
  };
}
