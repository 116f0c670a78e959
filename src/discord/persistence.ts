import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { EaselError } from '../engine/errors.js';
import { lockFolder } from './lock.js';
import type { World } from './world.js';

/** What is written down of a world, by the names of its maps. */
const PARTS = ['users', 'guilds', 'channels', 'messages', 'applications'] as const;

/** Changes within this many milliseconds are written together. */
const PAUSE = 300;

/** After a write that failed the next one waits so many milliseconds. */
const RETRY = 1000;

/** Keeps a world in a folder: `world.json`, and a file for each attachment. */
export class Persistence {
  readonly #known = new Set<string>();
  #timer: NodeJS.Timeout | null = null;
  #writing: Promise<void> = Promise.resolve();
  #closed = false;
  #troubled = false;
  readonly #stop: () => void;

  private constructor(
    private readonly world: World,
    private readonly folder: string,
    private readonly unlock: () => void,
    private readonly tell: (line: string) => void,
  ) {
    this.#stop = world.listen(() => this.#soon(PAUSE));
  }

  /**
   * Fills the world with what the folder holds, if anything, and writes every change down from then on.
   *
   * @param tell hears, once, that nothing can be written for now.
   * @throws EaselError for what another keeps or cannot be read: what is there stays as it is.
   */
  static async open(
    world: World,
    folder: string,
    tell: (line: string) => void = console.error,
  ): Promise<{ persistence: Persistence; restored: boolean }> {
    await mkdir(join(folder, 'files'), { recursive: true });
    const unlock = lockFolder(folder);
    try {
      const saved = await readWorld(join(folder, 'world.json'));
      const files = new Map<string, Uint8Array | null>();
      for (const id of saved?.files.keys() ?? []) files.set(id, await read(join(folder, 'files', id)));
      for (const part of PARTS) for (const [key, value] of saved?.[part] ?? []) world[part].set(key, value);
      // Worlds that were written before interactions were kept have none.
      for (const [token, kept] of saved?.interactions ?? []) world.interactions.set(token, kept);
      for (const [id, bytes] of files) if (bytes) world.files.set(id, { ...saved!.files.get(id)!, bytes });
      const persistence = new Persistence(world, folder, unlock, tell);
      for (const id of files.keys()) persistence.#known.add(id);
      return { persistence, restored: saved !== null };
    } catch (error) {
      unlock();
      throw error;
    }
  }

  /** Writes what is not written yet, and writes no more. */
  async close(): Promise<void> {
    this.#stop();
    this.#closed = true;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    await this.#write();
    this.unlock();
  }

  #soon(milliseconds: number): void {
    if (this.#closed) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      void this.#write();
    }, milliseconds);
  }

  #write(): Promise<void> {
    this.#writing = this.#writing
      .then(() => this.#save())
      .then(
        () => {
          this.#troubled = false;
        },
        (error: NodeJS.ErrnoException) => {
          if (!this.#troubled) {
            const why = error.code ?? error.message;
            this.tell(
              `Nothing can be written to ${this.folder} (${why}). Make room there; it is tried again until then.`,
            );
          }
          this.#troubled = true;
          this.#soon(RETRY);
        },
      );
    return this.#writing;
  }

  async #save(): Promise<void> {
    const { files, interactions } = this.world;
    for (const [id, { bytes }] of files) {
      if (this.#known.has(id)) continue;
      await writeFile(join(this.folder, 'files', id), bytes);
      this.#known.add(id);
    }
    const described = new Map([...files].map(([id, { name, type }]) => [id, { name, type }]));
    const parts = Object.fromEntries(PARTS.map((part) => [part, this.world[part]]));
    const temporary = join(this.folder, 'world.json.tmp');
    await writeFile(temporary, JSON.stringify({ ...parts, interactions, files: described }, replace), { flush: true });
    await rename(temporary, join(this.folder, 'world.json'));
    for (const id of await readdir(join(this.folder, 'files'))) {
      if (!files.has(id)) await rm(join(this.folder, 'files', id), { force: true });
    }
  }
}

type Saved = Record<(typeof PARTS)[number], Map<string, never>> & {
  files: Map<string, { name: string; type: string }>;
  interactions?: World['interactions'];
};

/** @throws EaselError for what was cut off or changed by hand: a new world in its place would remove the files. */
async function readWorld(path: string): Promise<Saved | null> {
  const text = (await read(path))?.toString();
  if (text === undefined) return null;
  try {
    const saved = JSON.parse(text, revive);
    for (const part of [...PARTS, 'files'])
      if (!(saved[part] instanceof Map)) throw new TypeError(`${part} is missing`);
    return saved;
  } catch (cause) {
    const why = (cause as Error).message;
    throw new EaselError(
      `${path} is damaged (${why}). Put a copy of it there, or move the folder ${dirname(path)} away to begin anew.`,
      { cause },
    );
  }
}

/** Null only for a file that is not there. @throws EaselError */
async function read(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return null;
    throw new EaselError(
      `${path} cannot be read (${code}). Change its permissions, or set DATA_DIR to another folder.`,
      { cause },
    );
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
