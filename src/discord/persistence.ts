import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { lockFolder } from './lock.js';
import type { World } from './world.js';

/** What is written down of a world, by the names of its maps. */
const PARTS = ['users', 'guilds', 'channels', 'messages', 'applications'] as const;

/** Changes within this many milliseconds are written together. */
const PAUSE = 300;

/** Keeps a world in a folder: `world.json`, and a file for each attachment. */
export class Persistence {
  readonly #known = new Set<string>();
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> = Promise.resolve();
  readonly #stop: () => void;

  private constructor(
    private readonly world: World,
    private readonly folder: string,
    private readonly unlock: () => void,
  ) {
    this.#stop = world.listen(() => this.#soon());
  }

  /** Fills the world with what the folder holds, if anything, and writes every change down from then on. @throws EaselError */
  static async open(world: World, folder: string): Promise<{ persistence: Persistence; restored: boolean }> {
    await mkdir(join(folder, 'files'), { recursive: true });
    const unlock = lockFolder(folder);
    try {
      const text = await readFile(join(folder, 'world.json'), 'utf8').catch(() => null);
      const persistence = new Persistence(world, folder, unlock);
      if (text === null) return { persistence, restored: false };
      const saved = JSON.parse(text, revive);
      for (const part of PARTS) {
        for (const [key, value] of saved[part] as Map<string, never>) world[part].set(key, value);
      }
      for (const [id, file] of saved.files as Map<string, { name: string; type: string }>) {
        const bytes = await readFile(join(folder, 'files', id)).catch(() => null);
        if (bytes) world.files.set(id, { ...file, bytes });
        persistence.#known.add(id);
      }
      return { persistence, restored: true };
    } catch (error) {
      unlock();
      throw error;
    }
  }

  /** Writes what is not written yet, and writes no more. */
  async close(): Promise<void> {
    this.#stop();
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    await this.#write();
    this.unlock();
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      void this.#write();
    }, PAUSE);
  }

  #write(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#save()).catch((error) => console.error(error));
    return this.#writing;
  }

  async #save(): Promise<void> {
    const { files } = this.world;
    for (const [id, { bytes }] of files) {
      if (this.#known.has(id)) continue;
      await writeFile(join(this.folder, 'files', id), bytes);
      this.#known.add(id);
    }
    const described = new Map([...files].map(([id, { name, type }]) => [id, { name, type }]));
    const parts = Object.fromEntries(PARTS.map((part) => [part, this.world[part]]));
    const temporary = join(this.folder, 'world.json.tmp');
    await writeFile(temporary, JSON.stringify({ ...parts, files: described }, replace));
    await rename(temporary, join(this.folder, 'world.json'));
    for (const id of await readdir(join(this.folder, 'files'))) {
      if (!files.has(id)) await rm(join(this.folder, 'files', id), { force: true });
    }
  }
}

function replace(_: string, value: unknown): unknown {
  if (value instanceof Map) return { $map: [...value] };
  if (value instanceof Set) return { $set: [...value] };
  return typeof value === 'bigint' ? { $bigint: value.toString() } : value;
}

function revive(_: string, value: { $map?: []; $set?: []; $bigint?: string }): unknown {
  if (value?.$map) return new Map(value.$map);
  if (value?.$set) return new Set(value.$set);
  return value?.$bigint === undefined ? value : BigInt(value.$bigint);
}
