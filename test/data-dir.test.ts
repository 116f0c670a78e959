import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Store } from '../src/bot/storage/store.js';
import { Outdir } from '../src/cli/outdir.js';
import { prepareDataDir } from '../src/data-dir.js';
import { packageRoot } from '../src/package-root.js';

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

/** Makes files, each with the folders above it, as an older version left them: for everybody to read. */
function leaveOpen(...names: string[]): void {
  chmodSync(folder, 0o755);
  for (const name of names) {
    mkdirSync(dirname(join(folder, name)), { recursive: true, mode: 0o755 });
    writeFileSync(join(folder, name), 'words', { mode: 0o644 });
  }
}

const rights = (name: string) => (statSync(join(folder, name)).mode & 0o777).toString(8);

describe.skipIf(process.platform === 'win32')('nobody else may read', () => {
  const KEPT = [
    'easel.sqlite',
    'easel.sqlite-wal',
    'backup.sqlite',
    'outcomes/job/0.png',
    'pictures/picture',
    'discord/world.json',
    'discord/world.sqlite',
    'discord/world.sqlite-wal',
    'discord/files/1',
  ];

  test('what is made, nor what an older version made', () => {
    leaveOpen(...KEPT);
    expect(prepareDataDir(folder)).toEqual([]);
    expect(rights('.')).toBe('700');
    for (const name of readdirSync(folder, { recursive: true }).map(String)) {
      expect([name, rights(name)]).toEqual([name, statSync(join(folder, name)).isFile() ? '600' : '700']);
    }
    expect(prepareDataDir(join(folder, 'new'))).toEqual([]);
    expect(rights('new')).toBe('700');
  });

  test('and what is not of Easel stays as it is, with the folder that it shares', () => {
    leaveOpen('Documents/letter.txt', 'photo.jpg', 'easel.sqlite');
    prepareDataDir(folder);
    const all = ['.', 'Documents', 'Documents/letter.txt', 'photo.jpg', 'easel.sqlite'].map(rights);
    expect(all).toEqual(['755', '755', '644', '644', '600']);
  });

  test('a database, wherever it lies, nor what is beside it', async () => {
    leaveOpen('old.sqlite');
    writeFileSync(join(folder, 'old.sqlite'), '');
    for (const name of ['old.sqlite', 'new.sqlite']) {
      await using store = await Store.open({ databaseUrl: `sqlite://${join(folder, name)}` });
      await store.namespace('meta').set('key', 1);
      for (const file of [name, `${name}-wal`, `${name}-shm`]) expect([file, rights(file)]).toEqual([file, '600']);
    }
  });
});

describe('is refused with the remedy', () => {
  test.each([
    ['outcomes', /outcomes is a file, but Easel keeps a folder there/],
    ['pictures', /pictures is a file, but Easel keeps a folder there/],
    ['discord', /discord is a file, but Easel keeps a folder there/],
    ['discord/files', /files is a file, but Easel keeps a folder there/],
    ['outcomes/job', /job is a file, but Easel keeps a folder there/],
    ['easel.sqlite/', /easel\.sqlite is a folder, but Easel keeps a file there/],
    ['easel.sqlite-wal/', /easel\.sqlite-wal is a folder, but Easel keeps a file there/],
    ['pictures/picture/', /picture is a folder, but Easel keeps a file there/],
    ['outcomes/job/0.png/', /0\.png is a folder, but Easel keeps a file there/],
    ['discord/world.sqlite/', /world\.sqlite is a folder, but Easel keeps a file there/],
    ['discord/world.json/', /world\.json is a folder, but Easel keeps a file there/],
    ['discord/files/1/', /1 is a folder, but Easel keeps a file there/],
  ])('when %s is the other kind', (name, message) => {
    leaveOpen(name.endsWith('/') ? `${name}x` : name);
    expect(() => prepareDataDir(folder)).toThrow(message);
    expect(() => prepareDataDir(folder)).toThrow(/Move it away, or set DATA_DIR\.$/);
  });

  test('when what is kept there is a pipe, or a link that leads nowhere', () => {
    symlinkSync('unplugged', join(folder, 'pictures'));
    expect(() => prepareDataDir(folder)).toThrow(/pictures is a link that leads nowhere/);
    rmSync(join(folder, 'pictures'));
    if (!isLinux) return;
    execFileSync('mkfifo', [join(folder, 'easel.sqlite')]);
    expect(() => prepareDataDir(folder)).toThrow(/easel\.sqlite is a named pipe/);
  });

  test('when it is a file, or below one', () => {
    writeFileSync(join(folder, 'file'), '');
    for (const path of ['file', 'file/data']) {
      expect(() => prepareDataDir(join(folder, path))).toThrow(/cannot be a folder.* Set DATA_DIR to a folder/);
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
      stderr: `easel: There is no room left for ${folder} (ENOSPC). Free some space, or set DATA_DIR to a folder on another disk.\n`,
    });
    expect(isolated(`"${process.execPath}" dist/src/main.js; ls -A "${folder}"`).stdout).toBe('');
  });

  test.runIf(isLinux && !isRoot)('when it is not ours', () => {
    expect(() => prepareDataDir('/root/easel')).toThrow(/Change its permissions/);
  });
});

test('npm start ends with one line where a file is in the place of a folder', () => {
  leaveOpen('outcomes');
  const { status, stderr } = spawnSync(process.execPath, ['dist/src/main.js'], {
    cwd: packageRoot,
    env: { ...process.env, DATA_DIR: folder },
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([
    1,
    `easel: ${join(folder, 'outcomes')} is a file, but Easel keeps a folder there. Move it away, or set DATA_DIR.\n`,
  ]);
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
