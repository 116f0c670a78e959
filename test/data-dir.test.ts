import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Store } from '../src/bot/store.js';
import { Outdir } from '../src/cli/outdir.js';
import { prepareDataDir } from '../src/data-dir.js';
import { packageRoot } from '../src/engine/package-root.js';

const isLinux = process.platform === 'linux';
const isRoot = process.getuid?.() === 0;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'easel-data-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('is made with the folders above it, and left as it was found', () => {
  const wanted = join(folder, 'a/b/data');
  prepareDataDir(wanted);
  prepareDataDir(wanted);
  expect(readdirSync(wanted)).toEqual([]);
});

test('may be a link to a folder on another disk', () => {
  mkdirSync(join(folder, 'disk'));
  symlinkSync('disk', join(folder, 'data'));
  prepareDataDir(join(folder, 'data'));
});

describe('is refused with the remedy', () => {
  test('when it is a file, or below one', () => {
    writeFileSync(join(folder, 'file'), '');
    for (const path of ['file', 'file/data']) {
      expect(() => prepareDataDir(join(folder, path))).toThrow(/is not a folder.* Set DATA_DIR to a folder/);
    }
  });

  test('when it is a link that leads nowhere', () => {
    symlinkSync('unplugged', join(folder, 'data'));
    expect(() => prepareDataDir(join(folder, 'data'))).toThrow(/Set DATA_DIR/);
    expect(() => prepareDataDir(join(folder, 'data/x'))).toThrow(/Set DATA_DIR/);
  });

  // Making folders there is answered as if the upper one were missing: a process that believes it tries for ever.
  test.runIf(isLinux)('when it is in /proc, as are database and output folder', async () => {
    const inProc = '/proc/easel/data';
    expect(() => prepareDataDir(inProc)).toThrow(/^Nothing can be written to .proc.easel.data .* set DATA_DIR/);
    await expect(Store.open({ databaseUrl: `sqlite://${inProc}/easel.sqlite` })).rejects.toThrow(/Check DATABASE_URL/);
    await expect(Outdir.open(inProc)).rejects.toThrow(/Choose another folder with --outdir/);
  });

  test('when there is no room', ({ skip }) => {
    // A full disk of its own, which only this process sees and which ends with it.
    const mount = `mount -t tmpfs -o size=64k none "${folder}"`;
    const isolated = (command: string) => spawnSync('unshare', ['-rm', 'sh', '-c', `${mount} && ${command}`], options);
    const options = { cwd: packageRoot, encoding: 'utf8', env: { ...process.env, DATA_DIR: folder } } as const;
    skip(isolated('true').status !== 0, 'nothing can be mounted here');
    expect(isolated(`"${process.execPath}" dist/src/main.js`)).toMatchObject({
      status: 1,
      stderr: `easel: There is no room left for ${folder} (ENOSPC). Remove something, or set DATA_DIR to another disk.\n`,
    });
    expect(isolated(`"${process.execPath}" dist/src/main.js; ls -A "${folder}"`).stdout).toBe('');
  });

  test.runIf(isLinux && !isRoot)('when it is not ours', () => {
    expect(() => prepareDataDir('/root/easel')).toThrow(/Change its permissions/);
  });
});

test.runIf(isLinux)('npm start ends with one line', () => {
  const { status, stderr } = spawnSync(process.execPath, ['dist/src/main.js'], {
    cwd: packageRoot,
    env: { ...process.env, DATA_DIR: '/proc/easel' },
    encoding: 'utf8',
  });
  expect(status).toBe(1);
  expect(stderr.trim()).toBe(
    'easel: Nothing can be written to /proc/easel (ENOENT). Change its permissions, or set DATA_DIR.',
  );
});
