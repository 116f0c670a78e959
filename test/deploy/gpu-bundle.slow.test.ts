import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const GPU = join(import.meta.dirname, '../../dist/bench/gpu.js');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'easel-bundle-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

test('the bundle of the GPU benchmark is small enough to be sent, and runs where nothing else is', () => {
  const [made, empty] = [join(folder, 'made'), join(folder, 'empty')];
  console.log(execFileSync(process.execPath, [GPU, '--pack', made], { encoding: 'utf8' }));
  const sizes = readdirSync(made).map((name) => statSync(join(made, name)).size);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(16e6);
  expect(sizes.reduce((a, b) => a + b)).toBeLessThan(60e6);

  cpSync(made, empty, { recursive: true });
  rmSync(made, { recursive: true });
  const env = { PATH: '/usr/bin:/bin', HOME: empty };
  const run = () => spawnSync('sh', [join(empty, 'run.sh'), '--small'], { cwd: empty, env, encoding: 'utf8' });
  const out = run().stdout;
  // The reference's own numbers came along, and the processor gives them.
  expect(out).toMatch(/^\| cpu, float32 \| \d\.\de-[67] \| \d\.\de-[67] \| \d\.\de-[67] \|$/m);
  expect(out).toMatch(/^\| cpu, float32 \| UNet \| 1 \| [\d.]+ \| [\d.]+ \| 0\.0e\+0 \|/m);
  expect(out).toMatch(/^\| cpu, float32 \| decoder \|/m);
  expect(out).toMatch(/^Done after \d+ s\.$/m);

  // What was cut off on its way, or did not arrive, is named; what is left of another bundle is not taken.
  const last = readdirSync(empty)
    .filter((name) => name.startsWith('easel-gpu.tar'))
    .sort()
    .at(-1)!;
  const bytes = readFileSync(join(empty, last));
  writeFileSync(join(empty, 'easel-gpu.tar.xz.zz'), 'of another bundle');
  for (const damage of [
    () => truncateSync(join(empty, last), bytes.length - 1),
    () => writeFileSync(join(empty, last), bytes.fill(0, 0, 1)),
    () => rmSync(join(empty, last)),
  ]) {
    damage();
    const { status, stderr } = run();
    expect(status).toBe(1);
    expect(stderr).toContain(`${last} is missing or damaged: copy it here again.`);
  }
});
