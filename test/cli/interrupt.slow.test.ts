import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/package-root.js';
import { temporaryFolder } from '../bot/servers.js';

test('Ctrl+C while a large picture is encoded says that a second one ends it at once, and that does', async () => {
  using folder = temporaryFolder();
  const picture = join(folder.path, 'large.png');
  const create = { width: 2048, height: 2048, channels: 3, background: 'red' } as const;
  await sharp({ create }).png().toFile(picture);
  const run = ['img2img', '--init-img', picture, '--outdir', join(folder.path, 'out'), '--n_samples', '1'];
  const child = spawn(process.execPath, ['dist/src/cli/main.js', ...run], { cwd: packageRoot });
  const exited = once(child, 'exit');
  for await (const said of child.stdout) if (String(said).includes('loaded input image')) break;
  child.kill('SIGINT');
  let told = '';
  for await (const said of child.stderr) {
    told += said;
    if (told.includes('Ctrl+C again')) break;
  }
  expect(told).toBe('easel: what is being computed still has to end. Press Ctrl+C again to end it at once.\n');
  child.kill('SIGINT');
  expect(await exited).toEqual([null, 'SIGINT']);
}, 240_000);
