import { join } from 'node:path';
import { packageRoot } from '../package-root.js';

/** CLIP's own vocabulary, which all its published models share: CompVis checkpoints and most CLIPs carry none. */
export const CLIP_MERGES = join(packageRoot, 'models/clip-tokenizer/merges.txt');
