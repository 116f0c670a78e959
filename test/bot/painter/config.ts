import { join } from 'node:path';
import { packageRoot } from '../../../src/package-root.js';

/** A painter on one thread, of the models that ship. */
export const painterConfig = {
  modelsDir: join(packageRoot, 'models'),
  device: 'cpu',
  threads: 1,
  safetyChecker: true,
  painterMemory: Number.POSITIVE_INFINITY,
} as const;
