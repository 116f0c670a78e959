import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { EaselError } from '../engine/errors.js';
import { writeNew } from '../engine/write-file.js';
import { makeFolder } from '../make-folder.js';

/**
 * The folder a run writes to, with the reference's names: samples/00000.png, grid-0000.png. As in the scripts, counters
 * start at the number of entries in the folder, but names that are taken are skipped: nothing is ever overwritten, even
 * if two runs write to the same folder.
 */
export class Outdir {
  #samples = 0;
  #grids = 0;

  private constructor(readonly path: string) {}

  /** @param samples whether it is for single pictures, too. @throws EaselError if the folder cannot be created. */
  static async open(path: string, { samples = true } = {}): Promise<Outdir> {
    // It may come from a variable that is not set.
    if (path === '') throw new EaselError('--outdir is empty: name a folder, or . for this one.');
    const outdir = new Outdir(path);
    try {
      makeFolder(resolve(path, samples ? 'samples' : ''));
      if (samples) outdir.#samples = (await readdir(join(path, 'samples'))).length;
      const entries = await readdir(path);
      outdir.#grids = entries.filter((name) => name !== 'samples').length;
    } catch (cause) {
      const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
      throw new EaselError(`Cannot write to ${path} (${reason}). Choose another folder with --outdir.`, { cause });
    }
    return outdir;
  }

  /** @returns its path. @throws EaselError if it cannot be written. */
  addSample(png: Uint8Array): Promise<string> {
    return addTo(() => join(this.path, 'samples', `${String(this.#samples++).padStart(5, '0')}.png`), png);
  }

  /** As addSample. */
  addGrid(png: Uint8Array): Promise<string> {
    return addTo(() => join(this.path, `grid-${String(this.#grids++).padStart(4, '0')}.png`), png);
  }
}

async function addTo(next: () => string, png: Uint8Array): Promise<string> {
  for (;;) {
    const path = next();
    if (await writeNew(path, png)) return path;
  }
}
