/**
 * What a machine's GPU makes of Stable Diffusion v1: whether it computes what the processor does, and how fast.
 *
 *   npm run bench:gpu                 on this machine, in under eight minutes
 *   npm run bench:gpu -- --small      a tenth as wide: whether it runs
 *   npm run bench:gpu -- --pack DIR   into a bundle for a machine that has nothing of this
 */
const { argv } = process;
if (argv.includes('--pack')) {
  const { pack } = await import('./gpu-pack.js');
  const folder = argv[argv.indexOf('--pack') + 1];
  await pack(folder && !folder.startsWith('-') ? folder : 'gpu-bundle');
} else {
  await import('./gpu-run.js');
}
