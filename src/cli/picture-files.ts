import { readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { EaselError } from '../engine/errors.js';

const EXTENSIONS = ['.png', '.jpg', '.jpeg', '.jpe', '.jfif', '.webp', '.avif', '.gif', '.tif', '.tiff'];

/** By its name. */
export function isPictureFile(path: string): boolean {
  return EXTENSIONS.includes(extname(path).toLowerCase());
}

/**
 * The files that were named; of a folder the pictures that are directly in it, in the order of their names.
 *
 * @throws EaselError for what is not there, and for a folder without pictures.
 */
export async function pictureFiles(paths: readonly string[]): Promise<string[]> {
  return (await Promise.all(paths.map(filesOf))).flat();
}

async function filesOf(path: string): Promise<string[]> {
  const found = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    throw cause.code === 'ENOENT'
      ? new EaselError(`There is no picture at ${path}. Check the path.`, { cause })
      : new EaselError(`${path} cannot be read (${cause.code}). Check its permissions.`, { cause });
  });
  if (!found.isDirectory()) return [path];
  const names = (await readdir(path)).filter(isPictureFile).sort();
  if (names.length === 0) throw new EaselError(`There is no picture in the folder ${path}. Name another, or a file.`);
  return names.map((name) => join(path, name));
}
