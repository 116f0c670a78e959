import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import type * as Fs from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';

/** What the process sees, and what would still be there if the power went now. */
interface File {
  live: Buffer;
  durable: Buffer;
}
interface Folder {
  live: Map<string, File | Folder>;
  durable: Map<string, File | Folder>;
}

/**
 * A list of what is done to the file system, to be put between `node:fs/promises` and the code (`vi.mock`), and the disks
 * that a power cut after each of these calls may leave: POSIX promises the bytes of a file when it was synced, and a name
 * when its folder was; what was not synced may be there or not, each folder by itself.
 */
export class PowerCut {
  #root: Folder | null = null;
  #base = '';
  readonly #disks: (() => Iterable<Folder>)[] = [];

  /** From here on, calls below this folder are noted; what it holds is on the disk. */
  watch(base: string): void {
    this.#base = base;
    this.#root = { live: new Map(), durable: new Map() };
    this.#disks.length = 0;
  }

  /** Calls so far. */
  get length(): number {
    return this.#disks.length;
  }

  /** Fills `target` with each disk that a cut after so many calls may leave, and calls `look`. */
  async after(calls: number, target: string, look: () => Promise<void>): Promise<void> {
    const met = new Set<string>();
    for (const disk of this.#disks[calls - 1]!()) {
      const same = JSON.stringify(disk.live, (_, value) => (value instanceof Map ? [...value] : value));
      if (met.has(same)) continue;
      met.add(same);
      rmSync(target, { recursive: true, force: true });
      write(disk, target);
      await look();
    }
  }

  /** The module, noting what changes files. */
  wrap(fs: typeof Fs): typeof Fs {
    const noting =
      <A extends unknown[], R>(call: (...values: A) => Promise<R>, note: (...values: A) => void) =>
      async (...values: A): Promise<R> => {
        const result = await call(...values);
        note(...values);
        return result;
      };
    return {
      ...fs,
      mkdir: noting(fs.mkdir as never, (path: string) => this.#put(path, folder(), false)),
      rename: noting(fs.rename as never, (from: string, to: string) => this.#move(from, to)),
      link: noting(fs.link as never, (from: string, to: string) => this.#put(to, this.#find(from)!)),
      rm: noting(fs.rm as never, (path: string) => this.#remove(path)),
      writeFile: noting(fs.writeFile as never, (path: string, bytes: string | Uint8Array) => {
        this.#put(path, { live: Buffer.from(bytes as string), durable: Buffer.alloc(0) });
      }),
      open: async (path: string, flags: string) => this.#handle(await fs.open(path, flags), path, flags),
    } as typeof Fs;
  }

  #handle(handle: Fs.FileHandle, path: string, flags: string): Fs.FileHandle {
    if (/[wax]/.test(flags)) this.#put(path, { live: Buffer.alloc(0), durable: Buffer.alloc(0) });
    const node = this.#find(path);
    return new Proxy(handle, {
      get: (target, name) => {
        const value = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        return async (...values: unknown[]) => {
          const result = await value.apply(target, values);
          if (node && name === 'writeFile') (node as File).live = Buffer.from(values[0] as string);
          if (node && name === 'sync') sync(node);
          if (node && (name === 'writeFile' || name === 'sync')) this.#note();
          return result;
        };
      },
    });
  }

  #put(path: string, node: File | Folder, replace = true): void {
    const above = this.#find(dirname(path)) as Folder | undefined;
    if (!above || (!replace && above.live.has(basename(path)))) return;
    above.live.set(basename(path), node);
    this.#note();
  }

  #move(from: string, to: string): void {
    const node = this.#find(from);
    if (!node) return;
    (this.#find(dirname(from)) as Folder).live.delete(basename(from));
    this.#put(to, node);
  }

  #remove(path: string): void {
    const above = this.#find(dirname(path)) as Folder | undefined;
    if (above?.live.delete(basename(path))) this.#note();
  }

  #find(path: string): File | Folder | undefined {
    const way = relative(this.#base, path);
    if (!this.#root || way.startsWith('..')) return undefined;
    let node: File | Folder | undefined = this.#root;
    for (const name of way.split('/').filter(Boolean)) {
      node = node && isFolder(node) ? node.live.get(name) : undefined;
    }
    return node;
  }

  #note(): void {
    const now = copy(this.#root!);
    this.#disks.push(() => possible(now));
  }
}

function folder(): Folder {
  return { live: new Map(), durable: new Map() };
}

function isFolder(node: File | Folder): node is Folder {
  return node.live instanceof Map;
}

function sync(node: File | Folder): void {
  if (isFolder(node)) node.durable = new Map(node.live);
  else node.durable = node.live;
}

/** As it is now: the same file or folder under two names stays one. */
function copy<Node extends File | Folder>(node: Node, known = new Map<File | Folder, File | Folder>()): Node {
  const before = known.get(node);
  if (before) return before as Node;
  const twin = (isFolder(node) ? folder() : { ...node }) as Node;
  known.set(node, twin);
  if (isFolder(node) && isFolder(twin)) {
    for (const side of ['live', 'durable'] as const) {
      for (const [name, child] of node[side]) twin[side].set(name, copy(child, known));
    }
  }
  return twin;
}

/** With the names of each folder synced or not, and with the bytes of all files or only with those that were synced. */
function* possible(root: Folder): Iterable<Folder> {
  const folders = [...new Set(foldersOf(root))];
  for (let choice = 0; choice < 2 ** folders.length; choice++) {
    for (const bytes of ['live', 'durable'] as const) {
      const names = (each: Folder) => each[(choice >> folders.indexOf(each)) & 1 ? 'live' : 'durable'];
      yield left(root, names, bytes) as Folder;
    }
  }
}

function foldersOf(node: File | Folder): Folder[] {
  if (!isFolder(node)) return [];
  return [node, ...[...node.live.values(), ...node.durable.values()].flatMap(foldersOf)];
}

function left(
  node: File | Folder,
  names: (folder: Folder) => Map<string, File | Folder>,
  bytes: 'live' | 'durable',
): File | Folder {
  if (!isFolder(node)) return { live: node[bytes], durable: node[bytes] };
  const live = new Map([...names(node)].map(([name, child]) => [name, left(child, names, bytes)]));
  return { live, durable: live };
}

function write(node: File | Folder, path: string): void {
  if (!isFolder(node)) {
    writeFileSync(path, node.live);
    return;
  }
  mkdirSync(path);
  for (const [name, child] of node.live) write(child, join(path, name));
}
