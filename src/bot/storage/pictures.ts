import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isUnfinished, syncFolder, writeWhole } from '../../engine/write-file.js';

interface File {
  bytes: number;
}

/**
 * A cache of pictures on disk, bounded in bytes: the least recently used go first. Use is recorded in the files' times,
 * so that it survives a restart. Random keys cannot be guessed.
 *
 * Invariant: #bytes is the sum over #files, whose order is the order of use.
 */
export class Pictures {
  readonly #files = new Map<string, File>();
  #bytes = 0;

  private constructor(
    private readonly folder: string,
    private readonly maxBytes: number,
  ) {}

  static async open(folder: string, maxBytes: number): Promise<Pictures> {
    await mkdir(folder, { recursive: true });
    await syncFolder(dirname(folder));
    const pictures = new Pictures(folder, maxBytes);
    const found = [];
    for (const name of await readdir(folder)) {
      const { size, mtimeMs } = await stat(join(folder, name));
      // Unfinished; empty files are from a version that did not sync.
      if (isUnfinished(name) || size === 0) await rm(join(folder, name), { force: true });
      else found.push({ name, size, mtimeMs });
    }
    found.sort((a, b) => a.mtimeMs - b.mtimeMs);
    for (const { name, size } of found) pictures.#note(name, size);
    await pictures.#shrink();
    return pictures;
  }

  /**
   * Resolves when it is on disk: after that, a job that starts from it may be acknowledged.
   *
   * @returns its key: the given one, or 32 random hex digits. @throws RangeError for a key that is not a file name.
   */
  async put(bytes: Uint8Array, key = randomBytes(16).toString('hex')): Promise<string> {
    await writeWhole(this.#path(key), bytes);
    this.#forget(key);
    this.#note(key, bytes.length);
    await this.#shrink(key);
    return key;
  }

  /** @returns null if it was never there or has been dropped. */
  async get(key: string): Promise<Uint8Array | null> {
    const path = this.#path(key);
    try {
      const bytes = await readFile(path);
      this.#forget(key);
      this.#note(key, bytes.length);
      const now = new Date();
      await utimes(path, now, now).catch(() => {});
      return bytes;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      this.#forget(key);
      return null;
    }
  }

  async remove(key: string): Promise<void> {
    await rm(this.#path(key), { force: true });
    this.#forget(key);
  }

  /** Deletes every picture whose key matches. */
  async removeAll(wanted: (key: string) => boolean): Promise<number> {
    const gone = this.keys().filter(wanted);
    for (const key of gone) await this.remove(key);
    return gone.length;
  }

  keys(): string[] {
    return [...this.#files.keys()];
  }

  /** The size of a picture in bytes; null if it is not there. */
  sizeOf(key: string): number | null {
    return this.#files.get(key)?.bytes ?? null;
  }

  get bytes(): number {
    return this.#bytes;
  }

  #path(key: string): string {
    if (!/^[\w-][\w.-]{0,127}$/.test(key) || isUnfinished(key)) throw new RangeError(`"${key}" is no picture key.`);
    return join(this.folder, key);
  }

  #note(key: string, bytes: number): void {
    this.#files.set(key, { bytes });
    this.#bytes += bytes;
  }

  #forget(key: string): void {
    this.#bytes -= this.#files.get(key)?.bytes ?? 0;
    this.#files.delete(key);
  }

  /** @param newest is kept even if it alone is too large, because its job is about to need it. */
  async #shrink(newest?: string): Promise<void> {
    for (const key of this.#files.keys()) {
      if (this.#bytes <= this.maxBytes) return;
      if (key === newest) continue;
      this.#forget(key);
      await rm(join(this.folder, key), { force: true });
    }
  }
}

/** The key of picture `index` (from 1) of a job. */
export function pictureKey(job: string, index: number): string {
  return `${job}-${index}.png`;
}
