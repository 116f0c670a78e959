import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Kind, Things } from '../things.js';
import type { Recorder, World } from '../world.js';
import { FolderBytes } from './folder-bytes.js';
import { lockFolder } from './lock.js';
import { type Change, Rows } from './rows.js';
import { readWorldJson } from './world-json.js';

/** Milliseconds before the next write after one that failed. */
const RETRY = 1000;

export interface PersistenceOptions {
  /** Fills a new world, which is written as a whole or not at all. */
  begin?: () => void;
  /** Called once when nothing can be written for now. */
  tell?: (line: string) => void;
}

/**
 * Keeps a world in a folder: a row in `world.sqlite` for each thing, and a file for each attachment.
 *
 * Invariants: everything published is written, unless the disk is full; a file is on disk from before a row refers to
 * it until after none does.
 */
export class Persistence implements Recorder {
  readonly #changes = new Map<string, Change>();
  #timer: NodeJS.Timeout | null = null;
  #closed = false;
  /** Something could not be written, and still is not. */
  #troubled = false;

  private constructor(
    private readonly folder: string,
    private readonly rows: Rows,
    private readonly bytes: FolderBytes,
    private readonly unlock: () => void,
    private readonly tell: (line: string) => void,
  ) {
    bytes.failed = (error) => this.#failed(error);
  }

  /**
   * Fills an empty world with what the folder holds, if anything, and writes every change from then on.
   *
   * @throws EaselError if another process uses the folder or it cannot be read; its contents are not changed.
   */
  static async open(
    world: World,
    folder: string,
    { begin = () => {}, tell = console.error }: PersistenceOptions = {},
  ): Promise<{ persistence: Persistence; restored: boolean }> {
    mkdirSync(join(folder, 'files'), { recursive: true, mode: 0o700 });
    const [path, earlier] = [join(folder, 'world.sqlite'), join(folder, 'world.json')];
    const unlock = lockFolder(folder);
    let rows: Rows | undefined;
    try {
      const restored = existsSync(path) || existsSync(earlier);
      if (!restored) begin();
      rows = Rows.open(path, () => (restored ? readWorldJson(earlier) : world.things()));
      if (restored) for (const [kind, thing] of rows.all()) world.put(kind, thing);
      const bytes = new FolderBytes(join(folder, 'files'));
      bytes.check(world.files);
      rmSync(earlier, { force: true });
      const persistence = new Persistence(folder, rows, bytes, unlock, tell);
      world.bytes = bytes;
      world.recorder = persistence;
      return { persistence, restored };
    } catch (error) {
      rows?.close();
      unlock();
      throw error;
    }
  }

  /** Changes in one turn of the event loop are written together. */
  changed(kind: Kind, key: string, thing: Things[Kind] | null): void {
    if (this.#closed) return;
    if (this.#changes.size === 0) queueMicrotask(() => this.flush());
    this.#changes.set(`${kind} ${key}`, [kind, key, thing]);
  }

  /** Writes what is pending; after a failure, only `#retry` does. */
  flush(): void {
    if (this.#troubled || this.#closed) return;
    try {
      this.#write();
    } catch (error) {
      this.#failed(error as Error);
    }
  }

  /** Writes what is pending, and stops writing. */
  async close(): Promise<void> {
    await this.#retry();
    this.#closed = true;
    if (this.#timer) clearTimeout(this.#timer);
    this.rows.close();
    this.unlock();
  }

  #write(): void {
    if (this.#changes.size === 0) return;
    this.rows.write(this.#changes.values());
    this.#changes.clear();
    this.bytes.sweep();
  }

  /** First the files, because the rows refer to them. */
  async #retry(): Promise<void> {
    try {
      await this.bytes.retry();
      this.#write();
      this.#troubled = false;
    } catch (error) {
      this.#failed(error as Error);
    }
  }

  #failed(error: NodeJS.ErrnoException): void {
    if (!this.#troubled) {
      const why = error.code ?? error.message;
      this.tell(`Nothing can be written to ${this.folder} (${why}). Free some space there; Easel keeps trying.`);
    }
    this.#troubled = true;
    if (this.#closed) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      void this.#retry();
    }, RETRY);
  }
}
