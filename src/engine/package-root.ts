import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** This module, or the bundle that it has become part of. In bundles as CommonJS, `import.meta` is empty. */
export const thisFile = import.meta.url ? fileURLToPath(import.meta.url) : __filename;

/**
 * Folder of this package, as Node finds it by its name: the files themselves by that of their own package, and a bundle because
 * the package is installed where its natives are. Otherwise the bundle's folder, into which `models` and `dist` may be copied.
 */
const root = ownFolder() ?? dirname(thisFile);

function ownFolder(): string | undefined {
  try {
    return dirname(createRequire(thisFile).resolve('@easel/engine/package.json'));
  } catch {
    return undefined;
  }
}

/** A checkout has the models at the top; they are copied into the package when it is packed. */
const atTheTop = join(root, '../../models');

/** Folder of the models that come with the engine. */
export const modelsFolder = existsSync(join(atTheTop, 'clip-tokenizer/merges.txt')) ? atTheTop : join(root, 'models');

/** A compiled file of this package, to be run in a thread or process of its own. @param path below src/engine. */
export const compiledFile = (path: string): string => join(root, 'dist', path);

/** Requires a dependency where this package has it: CommonJS that a bundle of ES modules cannot contain, since it requires Node's modules. */
export const requireOwn = createRequire(join(root, 'package.json'));
