import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { reportFor } from '../../src/cli/report.js';
import { Saver } from '../../src/cli/saver.js';
import { sink } from './run.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'easel-saver-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** Whether a picture that was given to the saver is still in memory when the next one comes. */
async function keeps(skip_grid: boolean): Promise<boolean> {
  const outdir = join(folder, String(skip_grid));
  const args = { outdir, skip_grid, n_rows: 0, n_samples: 1, seed: 42, rng: 'cpu' as const };
  const saver = await Saver.open(args, { watermark: false }, reportFor(false, sink(), sink()));
  const paint = async () => {
    const pixels = { width: 64, height: 64, data: new Uint8Array(64 * 64 * 3) };
    const parameters = { prompt: 'a cat', steps: 1, sampler: 'DDIM', scale: 7.5, width: 64, height: 64 };
    await saver.add([{ pixels, seed: null, flagged: false, parameters }]);
    return new WeakRef(pixels);
  };
  const first = await paint();
  await paint();
  await setImmediate();
  collectGarbage();
  const kept = first.deref() !== undefined;
  await saver.finish();
  return kept;
}

test('pictures stay in memory for the grid, and without one they do not', async () => {
  expect(await keeps(false)).toBe(true);
  expect(await keeps(true)).toBe(false);
});
