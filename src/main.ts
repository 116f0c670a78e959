import { nodeTooOld } from './node-version.js';

// Imported here because an old Node fails on modules that import what it lacks, before any of our code runs.
const refusal = nodeTooOld();
if (refusal) {
  console.error(`easel: ${refusal}`);
  process.exitCode = 1;
} else {
  // Most of a start is reading and compiling modules. Absent before Node 22.1; a folder that it cannot write to is no error.
  const { enableCompileCache } = (await import('node:module')) as { enableCompileCache?: (folder: string) => unknown };
  const { compileCache } = await import('./cache-folder.js');
  enableCompileCache?.(compileCache());
  await import('./start.js');
}
