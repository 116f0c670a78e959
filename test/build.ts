import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { unpackOracle } from './oracle.js';

/**
 * Unpacks the reference's numbers, and builds before the first test and again before each rerun in watch mode: bots, painters and command lines that tests
 * start run from dist/, and what is tested must be what is checked out.
 */
export default function setup(project: TestProject): void {
  unpackOracle();
  // Whoever says so has just built, and tests nothing else.
  if (!process.env.EASEL_BUILT) build();
  project.onTestsRerun(async () => build());
}

function build(): void {
  const root = fileURLToPath(new URL('..', import.meta.url));
  try {
    // As it is shipped: under vitest's own NODE_ENV the page would be built with Lit's code for development.
    const env = { ...process.env, NODE_ENV: 'production' };
    execFileSync('npm', ['run', 'build', '--silent'], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: Buffer; stderr: Buffer };
    throw new Error(`npm run build failed, so there is nothing to test:\n${stdout}${stderr}`);
  }
}
