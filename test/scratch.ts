import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { packageRoot } from '../src/package-root.js';

/** Made again, or not to be taken along. */
const LEFT_OUT = new Set(['.git', 'dist', 'data', 'outputs', 'shared', 'node_modules', '.env', 'src/engine/dist']);
/** Large, and never changed by a test. */
const LINKED = ['models', 'test/fixtures'];

/** A copy of the repository that a test may change, without what is built. Deleted with `using`. */
export class Scratch implements Disposable {
  readonly root = mkdtempSync(join(tmpdir(), 'easel-scratch-'));

  constructor() {
    const kept = (path: string) => !LEFT_OUT.has(path) && !LINKED.includes(path);
    cpSync(packageRoot, this.root, { recursive: true, filter: (path) => kept(relative(packageRoot, path)) });
    for (const folder of LINKED) symlinkSync(join(packageRoot, folder), join(this.root, folder));
    linkPackages('node_modules', this.root);
  }

  /** An absolute path in it. */
  at(path: string): string {
    return join(this.root, path);
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Each by itself: Vite keeps what it prepares among them, and npm's own links, to programs and workspaces, must lead to the copy's. */
function linkPackages(folder: string, root: string): void {
  mkdirSync(join(root, folder));
  for (const entry of readdirSync(join(packageRoot, folder), { withFileTypes: true })) {
    const path = join(folder, entry.name);
    const [from, to] = [join(packageRoot, path), join(root, path)];
    if (entry.isSymbolicLink() || entry.name === '.bin') cpSync(from, to, { recursive: true, verbatimSymlinks: true });
    else if (entry.name.startsWith('@')) linkPackages(path, root);
    else if (!entry.name.startsWith('.')) symlinkSync(from, to);
  }
}
