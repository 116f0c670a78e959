import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { basename, join } from 'node:path';
import { nameOf, type Provider } from './provider.js';
import { gpuNodes } from './surroundings.js';

/** The hardware behind a provider, as far as the system tells. */
export interface Adapter {
  /** "NVIDIA", "SwiftShader"; undefined where the system does not say. */
  readonly name?: string;
  /** The driver computes on the CPU. */
  readonly software: boolean;
}

interface Driver {
  readonly file: RegExp;
  readonly name: string;
  /** The PCI vendor id of the GPU, or 'dxg' for Windows' GPU inside WSL; absent for a software driver. */
  readonly vendor?: string;
}

/** Vulkan drivers by the library that a process has loaded. */
const DRIVERS: readonly Driver[] = [
  { file: /\/libGLX_nvidia|\/libnvidia-|\/libvulkan_nouveau/, name: 'NVIDIA', vendor: '0x10de' },
  { file: /\/libvulkan_radeon|\/amdvlk/, name: 'AMD', vendor: '0x1002' },
  { file: /\/libvulkan_intel/, name: 'Intel', vendor: '0x8086' },
  { file: /\/libvulkan_virtio/, name: "the host's GPU (virtio)", vendor: '0x1af4' },
  { file: /\/libvulkan_dzn/, name: "Windows' GPU (Direct3D 12)", vendor: 'dxg' },
  { file: /\/libvk_swiftshader/, name: 'SwiftShader' },
  { file: /\/libvulkan_lvp/, name: 'llvmpipe' },
];

/** For a provider that has just run in this process, so that on Linux its driver is loaded. */
export function adapterOf(provider: Provider, platform: string = process.platform): Adapter {
  // Every Mac that ONNX Runtime supports has Apple's GPU.
  if (platform === 'darwin') return { name: cpus()[0]?.model, software: false };
  if (platform === 'win32') return ofControllers(videoControllers());
  if (['cuda', 'tensorrt'].includes(nameOf(provider))) return nvidia();
  return ofMaps(readFileSync('/proc/self/maps', 'utf8'), gpuVendors());
}

/**
 * All installed drivers are loaded, but those for a GPU do nothing without one by its vendor.
 *
 * @param maps /proc/<pid>/maps.
 * @param vendors of the GPUs in this machine, in the form of {@link Driver.vendor}.
 */
export function ofMaps(maps: string, vendors: readonly string[]): Adapter {
  const files = [...new Set(maps.split('\n').map((line) => line.slice(line.indexOf('/'))))];
  const loaded = DRIVERS.filter(({ file }) => files.some((path) => file.test(path)));
  const taken = loaded.find(({ vendor }) => vendor && vendors.includes(vendor)) ?? loaded.find(({ vendor }) => !vendor);
  return taken ? { name: taken.name, software: !taken.vendor } : { software: false };
}

function gpuVendors(): string[] {
  return gpuNodes().map((node) => {
    if (node.startsWith('/dev/nvidia')) return '0x10de';
    try {
      return readFileSync(join('/sys/class/drm', basename(node), 'device/vendor'), 'utf8').trim();
    } catch {
      return basename(node);
    }
  });
}

/** A display adapter in Windows, from WMI's Win32_VideoController. */
export interface VideoController {
  Name?: string | null;
  /**
   * "PCI\\VEN_10DE&DEV_2684…" for a GPU; "ROOT\\BASICDISPLAY…", "SWD\\…" and the like for adapters that only display.
   */
  PNPDeviceID?: string | null;
  /** "display.inf" is Microsoft's own driver for a GPU without another. */
  InfFilename?: string | null;
}

/** Windows always has "Microsoft Basic Render Driver" (WARP), and uses it if no GPU has a driver. */
export function ofControllers(controllers: readonly VideoController[] | undefined): Adapter {
  if (!controllers) return { software: false };
  const gpu = controllers.find(
    ({ Name, PNPDeviceID, InfFilename }) =>
      /^(PCI|ACPI)\\/i.test(PNPDeviceID ?? '') &&
      !/^display\.inf$/i.test(InfFilename ?? '') &&
      !/^Microsoft Basic|llvmpipe|lavapipe|SwiftShader/i.test(Name ?? ''),
  );
  return gpu
    ? { ...(gpu.Name && { name: gpu.Name }), software: false }
    : { name: 'Microsoft Basic Render Driver', software: true };
}

/** Undefined if PowerShell does not answer. */
function videoControllers(): VideoController[] | undefined {
  const script =
    'ConvertTo-Json @(Get-CimInstance Win32_VideoController | Select-Object Name, PNPDeviceID, InfFilename)';
  try {
    const flags = ['-NoProfile', '-NonInteractive', '-Command', script];
    const told = execFileSync('powershell.exe', flags, { encoding: 'utf8', timeout: 30_000, windowsHide: true });
    return [JSON.parse(told)].flat();
  } catch {
    return undefined;
  }
}

const NVIDIA = '/proc/driver/nvidia/gpus';

function nvidia(): Adapter {
  try {
    const [first] = readdirSync(NVIDIA);
    const information = readFileSync(join(NVIDIA, first!, 'information'), 'utf8');
    return { name: /Model:\s*(.+)/.exec(information)?.[1] ?? 'NVIDIA', software: false };
  } catch {
    return { name: 'NVIDIA', software: false };
  }
}
