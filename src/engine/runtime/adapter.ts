import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import type { Provider } from './provider.js';

/** The hardware behind a provider, as far as the system tells. */
export interface Adapter {
  /** "NVIDIA", "SwiftShader"; undefined where the system does not say. */
  readonly name?: string;
  /** The driver computes on the CPU. */
  readonly software: boolean;
  /** Changes when the driver does. */
  readonly driver: string;
}

/** Vulkan drivers by the library that a process has loaded. */
const DRIVERS: readonly { file: RegExp; name: string; software: boolean }[] = [
  { file: /\/libvk_swiftshader/, name: 'SwiftShader', software: true },
  { file: /\/libvulkan_lvp/, name: 'llvmpipe', software: true },
  { file: /\/libGLX_nvidia|\/libnvidia-/, name: 'NVIDIA', software: false },
  { file: /\/libvulkan_radeon|\/amdvlk/, name: 'AMD', software: false },
  { file: /\/libvulkan_intel/, name: 'Intel', software: false },
];

/** One of these exists if there is a GPU. */
const HARDWARE = ['/dev/nvidiactl', '/dev/dri', '/dev/kfd', '/dev/dxg'];

/** Of a provider that has just run in this process, so that on Linux its driver is loaded. */
export function adapterOf(provider: Provider, platform: string = process.platform): Adapter {
  if (platform !== 'linux') return { software: false, driver: `${platform} ${release()}` };
  if (provider === 'cuda' || provider === 'tensorrt') return nvidia();
  return ofMaps(readFileSync('/proc/self/maps', 'utf8'), HARDWARE.some(existsSync));
}

/** @param maps /proc/<pid>/maps. Several drivers may be loaded; those for a GPU do nothing where there is none. */
export function ofMaps(maps: string, hardware: boolean): Adapter {
  const files = [...new Set(maps.split('\n').map((line) => line.slice(line.indexOf('/'))))];
  const loaded = DRIVERS.flatMap((driver) => {
    const file = files.find((path) => driver.file.test(path));
    return file && (driver.software || hardware) ? [{ ...driver, file }] : [];
  });
  const taken = loaded.find(({ software }) => !software) ?? loaded[0];
  if (!taken) return { software: false, driver: `linux ${release()}` };
  return { name: taken.name, software: taken.software, driver: fingerprint(taken.file) };
}

function fingerprint(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false });
  return found ? `${realpathSync(file)} ${found.size} ${Math.round(found.mtimeMs)}` : file;
}

const NVIDIA = '/proc/driver/nvidia';

function nvidia(): Adapter {
  try {
    const driver = readFileSync(join(NVIDIA, 'version'), 'utf8').split('\n', 1)[0]!;
    const [first] = readdirSync(join(NVIDIA, 'gpus'));
    const information = readFileSync(join(NVIDIA, 'gpus', first!, 'information'), 'utf8');
    return { name: /Model:\s*(.+)/.exec(information)?.[1] ?? 'NVIDIA', software: false, driver };
  } catch {
    return { name: 'NVIDIA', software: false, driver: `linux ${release()}` };
  }
}
