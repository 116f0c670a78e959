import { existsSync, mkdtempSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';

/** Chromium brings a Vulkan driver in software, and a loader for it. */
const FOLDERS = ['/usr/lib/chromium', '/usr/lib/chromium-browser', '/opt/google/chrome'];

/** The driver stays loaded when its handle is closed (glibc's dlfcn.h). */
const RTLD_NODELETE = 0x1000;

/**
 * What makes WebGPU run on a machine without a GPU: variables for a process that is started with them.
 *
 * @throws Error if Chromium is not there: the path that nobody can see otherwise must not go untested.
 */
export function swiftShader(): Record<string, string> {
  const folder = FOLDERS.find((path) => existsSync(join(path, 'libvk_swiftshader.so')));
  if (!folder)
    throw new Error('There is no SwiftShader, which comes with Chromium: run .ci/setup, or install chromium.');
  const driver = join(folder, 'vk_swiftshader_icd.json');
  const scratch = mkdtempSync(join(tmpdir(), 'easel-swiftshader-'));
  return {
    LD_LIBRARY_PATH: folder,
    VK_DRIVER_FILES: driver,
    VK_ICD_FILENAMES: driver,
    XDG_RUNTIME_DIR: scratch,
    XDG_CACHE_HOME: scratch,
  };
}

/**
 * The same in this process and those that it starts. For this one it is too late for LD_LIBRARY_PATH: the loader is loaded
 * before it is looked for.
 */
export function useSwiftShader(): void {
  const variables = swiftShader();
  Object.assign(process.env, variables);
  try {
    process.dlopen(
      { exports: {} },
      join(variables.LD_LIBRARY_PATH!, 'libvulkan.so.1'),
      constants.dlopen.RTLD_NOW | RTLD_NODELETE,
    );
  } catch {
    // It is no module of Node's, and says so once it is loaded.
  }
}
