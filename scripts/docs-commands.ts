/** Writes docs/commands.md anew: `npm run docs:commands`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../src/package-root.js';
import { commandReference } from './command-reference.js';

writeFileSync(join(packageRoot, 'docs/commands.md'), await commandReference());
