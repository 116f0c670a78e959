import type { ErrorCode } from './engine/errors.js';

/** What to do about errors of the machine or the installation: the same on the command line and in the bot. */
export const MACHINE_REMEDIES = {
  cudaIncomplete:
    'libcuda is part of NVIDIA\'s driver, libcudnn of cuDNN 9, and the others of CUDA: the number behind ".so" is its version. Install it, or name its folder in LD_LIBRARY_PATH.',
  cudaMissing:
    'On Linux x64 with an NVIDIA GPU, CUDA 13 and cuDNN 9, set ONNXRUNTIME_NODE_INSTALL=cuda12 and run `npm rebuild onnxruntime-node`.',
  runtimeIntelMac: 'Run Easel in Docker.',
  runtimeMissing: 'Delete node_modules and run `npm ci` on this machine: a copy from another does not work.',
  runtimeUnloadable:
    'On Windows install the Visual C++ redistributable; elsewhere delete node_modules and run `npm ci` again.',
  severalDrives:
    'Keep all files of a model on one drive; if LoRAs are merged into it, the temporary folder too (set TEMP to one there).',
  vulkanMissing: 'On Debian and Ubuntu, install libvulkan1 and the driver of your GPU.',
  temporaryFolder: 'Free some space there, or set TMPDIR (TEMP on Windows) to a folder that has some.',
} satisfies Partial<Record<ErrorCode, string>>;
