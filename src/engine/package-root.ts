import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Folder of Easel's own package.json, whether this runs from src/ or dist/. It contains the models that come with Easel. */
export const packageRoot = rootAbove(dirname(fileURLToPath(import.meta.url)));

function rootAbove(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : rootAbove(dirname(folder));
}

/** A program's compiled file, even when this one runs from source. @param path below src. */
export const builtFile = (path: string): string => join(packageRoot, 'dist/src', path);
