import { join } from 'node:path';
import { modelsFolder } from '../package-root.js';

/** CLIP's own vocabulary, which all its published models share: CompVis checkpoints and most CLIPs carry none. */
export const CLIP_MERGES = join(modelsFolder, 'clip-tokenizer/merges.txt');
