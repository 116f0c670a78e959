import { accessSync, constants, readdirSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bytes } from './bytes.js';
import { unreadable } from './unusable.js';

/**
 * Files in a folder. A file that cannot be written stays in memory until `retry` succeeds; a deleted file stays on disk
 * until `sweep`, which is called once the deletion is recorded.
 */
export class FolderBytes implements Bytes {
  readonly #unwritten = new Map<string, Uint8Array>();
  readonly #removed = new Set<string>();

  /** Called for each file that stays in memory. */
  failed: (error: Error) => void = () => {};

  constructor(private readonly folder: string) {}

  async write(id: string, bytes: Uint8Array): Promise<void> {
    try {
      await this.#save(id, bytes);
    } catch (error) {
      this.#unwritten.set(id, bytes);
      this.failed(error as Error);
    }
  }

  async read(id: string): Promise<Uint8Array | null> {
    const bytes = this.#unwritten.get(id);
    if (bytes) return bytes;
    return readFile(join(this.folder, id)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
  }

  remove(id: string): void {
    this.#unwritten.delete(id);
    this.#removed.add(id);
  }

  /** @throws as the file system does. */
  async retry(): Promise<void> {
    for (const [id, bytes] of this.#unwritten) {
      await this.#save(id, bytes);
      this.#unwritten.delete(id);
    }
  }

  sweep(): void {
    for (const id of this.#removed) rmSync(join(this.folder, id), { force: true });
    this.#removed.clear();
  }

  /** Deletes files that a killed process left behind. @throws EaselError for a file that cannot be read. */
  check(known: ReadonlyMap<string, unknown>): void {
    for (const entry of readdirSync(this.folder, { withFileTypes: true })) {
      const path = join(this.folder, entry.name);
      if (!known.has(entry.name)) rmSync(path, { recursive: true, force: true });
      else if (entry.isDirectory()) throw unreadable(path, { code: 'EISDIR' });
      else readable(path);
    }
  }

  // A file's name only counts once a row refers to it, so no temporary name is needed; but the row must not be written
  // before the bytes.
  #save(id: string, bytes: Uint8Array): Promise<void> {
    return writeFile(join(this.folder, id), bytes, { mode: 0o600, flush: true });
  }
}

function readable(path: string): void {
  try {
    accessSync(path, constants.R_OK);
  } catch (cause) {
    throw unreadable(path, cause);
  }
}
