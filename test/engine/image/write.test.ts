import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EaselError } from '../../../src/engine/errors.js';
import { writeAtomically } from '../../../src/engine/image/write.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'easel-write-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const bytes = new Uint8Array(200_000).fill(7);
const isRoot = process.getuid?.() === 0;

async function failure(path: string): Promise<Error> {
  const error = await writeAtomically(path, bytes).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(EaselError);
  expect((error as Error).message).not.toContain('\n');
  return error as Error;
}

describe('writing atomically', () => {
  test('writes the bytes and leaves nothing else', async () => {
    await writeAtomically(join(folder, 'a.png'), bytes);
    expect(readFileSync(join(folder, 'a.png')).equals(bytes)).toBe(true);
    expect(readdirSync(folder)).toEqual(['a.png']);
  });

  test('replaces a file whole', async () => {
    writeFileSync(join(folder, 'a.png'), 'before');
    await writeAtomically(join(folder, 'a.png'), bytes);
    expect(readFileSync(join(folder, 'a.png')).length).toBe(bytes.length);
  });

  test('many at once do not meet', async () => {
    const paths = Array.from({ length: 20 }, (_, n) => join(folder, `${n % 10}.png`));
    await Promise.all(paths.map((path) => writeAtomically(path, bytes)));
    expect(readdirSync(folder)).toHaveLength(10);
  });

  test('says that the folder is missing, or is none', async () => {
    expect((await failure(join(folder, 'no', 'a.png'))).message).toMatch(/a\.png: there is no folder .*no\. Make it/);
    writeFileSync(join(folder, 'file'), '');
    expect((await failure(join(folder, 'file', 'a.png'))).message).toMatch(/there is no folder/);
  });

  test('says that a folder has the name, and cleans up', async () => {
    mkdirSync(join(folder, 'a.png'));
    expect((await failure(join(folder, 'a.png'))).message).toMatch(/a folder has this name/);
    expect(readdirSync(folder)).toEqual(['a.png']);
  });

  test.skipIf(isRoot)('says that the folder is not writable', async () => {
    chmodSync(folder, 0o500);
    expect((await failure(join(folder, 'a.png'))).message).toMatch(/does not let you write/);
    chmodSync(folder, 0o700);
  });

  test('says that the disk is full, keeps what was there and leaves no half file', async (context) => {
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=128k', 'none', folder], { stdio: 'ignore' });
    } catch {
      return context.skip('mounting a small disk needs more rights');
    }
    try {
      writeFileSync(join(folder, 'a.png'), 'before');
      expect((await failure(join(folder, 'a.png'))).message).toMatch(
        /a\.png: there is no space left for .*\. Free some/,
      );
      expect(readFileSync(join(folder, 'a.png'), 'utf8')).toBe('before');
      expect(readdirSync(folder)).toEqual(['a.png']);
    } finally {
      execFileSync('umount', [folder]);
    }
    expect(existsSync(join(folder, 'a.png'))).toBe(false);
  });
});
