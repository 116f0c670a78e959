import { nodeTooOld } from './node-version.js';

// Imported here because an old Node fails on modules that import what it lacks, before any of our code runs.
const refusal = nodeTooOld();
if (refusal) {
  console.error(`easel: ${refusal}`);
  process.exitCode = 1;
} else {
  await import('./start.js');
}
