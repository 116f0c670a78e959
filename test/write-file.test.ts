import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EaselError } from '../src/engine/errors.js';
import { writeNew } from '../src/engine/write-file.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'easel-write-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const bytes = new Uint8Array(200_000).fill(7);
const isRoot = process.getuid?.() === 0;

async function failure(path: string): Promise<Error> {
  const error = await writeNew(path, bytes).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(EaselError);
  expect((error as Error).message).not.toContain('\n');
  return error as Error;
}

describe('writing a new file', () => {
  test('writes the bytes and leaves nothing else', async () => {
    await writeNew(join(folder, 'a.png'), bytes);
    expect(readFileSync(join(folder, 'a.png')).equals(bytes)).toBe(true);
    expect(readdirSync(folder)).toEqual(['a.png']);
  });

  test.each(['file', 'folder'])('a name that a %s has is left to it', async (kind) => {
    const path = join(folder, 'a.png');
    if (kind === 'file') writeFileSync(path, 'before');
    else mkdirSync(path);
    expect(await writeNew(path, bytes)).toBe(false);
    if (kind === 'file') expect(readFileSync(path, 'utf8')).toBe('before');
    expect(readdirSync(folder)).toEqual(['a.png']);
  });

  test('of many at once for one name, one gets it', async () => {
    const written = await Promise.all(
      Array.from({ length: 20 }, (_, k) => writeNew(join(folder, `${k % 10}.png`), bytes)),
    );
    expect(written.filter(Boolean)).toHaveLength(10);
    expect(readdirSync(folder)).toHaveLength(10);
  });

  test('says that the folder is missing, or is none', async () => {
    expect((await failure(join(folder, 'no', 'a.png'))).message).toMatch(/a\.png: there is no folder .*no\. Make it/);
    writeFileSync(join(folder, 'file'), '');
    expect((await failure(join(folder, 'file', 'a.png'))).message).toMatch(/there is no folder/);
  });

  test.skipIf(isRoot)('says that the folder is not writable', async () => {
    chmodSync(folder, 0o500);
    expect((await failure(join(folder, 'a.png'))).message).toMatch(/does not let you write/);
    chmodSync(folder, 0o700);
  });

  test('says that the disk is full and leaves no half file', async (context) => {
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=128k', 'none', folder], { stdio: 'ignore' });
    } catch {
      return context.skip('mounting a small disk needs more rights');
    }
    try {
      expect((await failure(join(folder, 'a.png'))).message).toMatch(
        /a\.png: there is no space left for .*\. Free some/,
      );
      expect(readdirSync(folder)).toEqual([]);
    } finally {
      execFileSync('umount', [folder]);
    }
  });
});
