import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isUnfinished, syncFolder, writeWhole } from '../../write-file.js';

interface File {
  bytes: number;
}

/**
 * A cache of pictures on disk, bounded by bytes: who was used longest ago goes first. Use is kept in the files' times, so
 * that it survives a restart. Keys that are not given cannot be guessed.
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
      // Never finished; without bytes it is from a version that did not wait for the disk.
      if (isUnfinished(name) || size === 0) await rm(join(folder, name), { force: true });
      else found.push({ name, size, mtimeMs });
    }
    found.sort((a, b) => a.mtimeMs - b.mtimeMs);
    for (const { name, size } of found) pictures.#note(name, size);
    await pictures.#shrink();
    return pictures;
  }

  /**
   * Resolves when it is on the disk: a job that starts from it may be promised then.
   *
   * @returns its key: the given one, or 32 hex digits at random. @throws RangeError for a key that is no file name.
   */
  async put(bytes: Uint8Array, key = randomBytes(16).toString('hex')): Promise<string> {
    await writeWhole(this.#path(key), bytes);
    this.#forget(key);
    this.#note(key, bytes.length);
    await this.#shrink(key);
    return key;
  }

  /** @returns null when it was never there or had to make room. */
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

  /** Removes every picture whose key is wanted gone. */
  async removeAll(wanted: (key: string) => boolean): Promise<number> {
    const gone = this.keys().filter(wanted);
    for (const key of gone) await this.remove(key);
    return gone.length;
  }

  keys(): string[] {
    return [...this.#files.keys()];
  }

  /** Bytes of a picture; null when it is not there. */
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

  /** @param newest stays, even if it alone is too large: its job is about to need it. */
  async #shrink(newest?: string): Promise<void> {
    for (const key of this.#files.keys()) {
      if (this.#bytes <= this.maxBytes) return;
      if (key === newest) continue;
      this.#forget(key);
      await rm(join(this.folder, key), { force: true });
    }
  }
}

/** Where picture `index` (from 1) of a job is cached. */
export function pictureKey(job: string, index: number): string {
  return `${job}-${index}.png`;
}
