import { join } from 'node:path';
import { packageRoot } from './package-root.js';

/** The folder of the model that ships with Easel: small pictures of simple things, at once. */
export const EMBEDDED_MODEL = join(packageRoot, 'models/easel-128');
