import { nodeTooOld } from './node-version.js';

// Imported only then: an old Node refuses modules for what they import from it, before any line of ours runs.
const refusal = nodeTooOld();
if (refusal) {
  console.error(`easel: ${refusal}`);
  process.exitCode = 1;
} else {
  await import('./start.js');
}
