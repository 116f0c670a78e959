/**
 * A full-size checkpoint (SD v1's shapes) in Easel and in PyTorch, float32 and bfloat16, one after the other in one run.
 *
 *   node dist/bench/full-size.js model.ckpt [a Python with torch and diffusers]
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from '../src/engine/package-root.js';

const [checkpoint, python] = process.argv.slice(2);
if (!checkpoint) throw new Error('usage: full-size.js model.ckpt [python]');

const run = (title: string, command: string, ...words: string[]): void => {
  console.log(`\n${title}`);
  spawnSync(command, words, { stdio: ['ignore', 'inherit', 'inherit'] });
};
const theirs = join(packageRoot, 'bench/full_size_diffusers.py');

run('Easel, float32', process.execPath, join(packageRoot, 'dist/bench/step.js'), checkpoint, '512', '3');
if (python) {
  for (const dtype of ['float32', 'bfloat16']) run(`diffusers, ${dtype}`, python, theirs, checkpoint, dtype, '2');
}
