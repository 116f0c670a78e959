import { cpus } from 'node:os';
import { describe, expect, test } from 'vitest';
import { adapterOf, ofControllers, ofMaps } from '../../../src/engine/runtime/adapter.js';

describe("on Linux, by the drivers that a process has loaded and the GPUs' makers", () => {
  const map = (file: string) => `7f00-7f01 r-xp 00000000 08:01 1   ${file}`;
  const SWIFTSHADER = map('/usr/lib/chromium/libvk_swiftshader.so');
  /** Debian's mesa-vulkan-drivers brings all of these along, and all are loaded. */
  const MESA = ['lvp', 'radeon', 'intel', 'intel_hasvk', 'nouveau', 'virtio'].map((name) =>
    map(`/usr/lib/x86_64-linux-gnu/libvulkan_${name}.so`),
  );
  const NVIDIA = map('/usr/lib/x86_64-linux-gnu/libGLX_nvidia.so.580.65.06');

  test.each<[string, string[], string[], object]>([
    ['SwiftShader', [SWIFTSHADER], [], { name: 'SwiftShader', software: true }],
    ["Mesa's in software", [MESA[0]!], [], { name: 'llvmpipe', software: true }],
    ["all of Mesa's, and no GPU", MESA, [], { name: 'llvmpipe', software: true }],
    ["all of Mesa's, and Intel's GPU", MESA, ['0x8086'], { name: 'Intel', software: false }],
    ["all of Mesa's, and AMD's GPU", MESA, ['0x1002'], { name: 'AMD', software: false }],
    ["all of Mesa's, and the picture of a virtual machine", MESA, ['0x1234'], { name: 'llvmpipe', software: true }],
    ["all of Mesa's, and the GPU of the host", MESA, ['0x1af4'], { name: "the host's GPU (virtio)", software: false }],
    ["NVIDIA's beside SwiftShader", [SWIFTSHADER, NVIDIA], ['0x10de'], { name: 'NVIDIA', software: false }],
    ["NVIDIA's without a GPU", [NVIDIA, SWIFTSHADER], [], { name: 'SwiftShader', software: true }],
    [
      "Intel's GPU with only NVIDIA's driver",
      [NVIDIA, SWIFTSHADER],
      ['0x8086'],
      { name: 'SwiftShader', software: true },
    ],
    ["Windows' GPU inside WSL", [...MESA, map('/usr/lib/libvulkan_dzn.so')], ['dxg'], { software: false }],
    ['one that is not known', [map('/usr/lib/libc.so.6')], ['0x10de'], { software: false }],
  ])('%s', (_, maps, vendors, want) => {
    expect(ofMaps(maps.join('\n'), vendors)).toMatchObject(want);
  });

  test.runIf(process.platform === 'linux')('this process has loaded none', () => {
    expect(adapterOf('webgpu', 'linux')).toEqual({ software: false });
  });
});

describe('on Windows, by its display adapters', () => {
  const PCI = 'PCI\\VEN_10DE&DEV_2684&SUBSYS_167C10DE&REV_A1\\4&2283F625&0&0019';
  const RTX = { Name: 'NVIDIA GeForce RTX 4090', PNPDeviceID: PCI, InfFilename: 'oem21.inf' };
  /** A GPU whose driver is not installed; the name is translated, the file is not. */
  const BASIC = { Name: 'Microsoft Basic Display-Adapter', PNPDeviceID: PCI, InfFilename: 'display.inf' };
  const REMOTE = {
    Name: 'Microsoft Remote Display Adapter',
    PNPDeviceID: 'SWD\\REMOTEDISPLAYENUM\\X',
    InfFilename: 'rdpidd.inf',
  };
  const HYPER_V = {
    Name: 'Microsoft Hyper-V Video',
    PNPDeviceID: 'VMBUS\\{DA0A7802}\\5620E0C7',
    InfFilename: 'wvmbusvideo.inf',
  };
  const RENDER = {
    Name: 'Microsoft Basic Render Driver',
    PNPDeviceID: 'ROOT\\BASICRENDER\\0000',
    InfFilename: 'basicrender.inf',
  };
  const ADRENO = {
    Name: 'Qualcomm(R) Adreno(TM) X1-85 GPU',
    PNPDeviceID: 'ACPI\\VEN_QCOM&DEV_0C36',
    InfFilename: 'oem3.inf',
  };
  const WARP = { name: 'Microsoft Basic Render Driver', software: true };

  test.each([
    ['a GPU', [RTX], { name: 'NVIDIA GeForce RTX 4090', software: false }],
    ['a GPU beside what only shows pictures', [REMOTE, RENDER, RTX], { software: false }],
    ["Qualcomm's, which is not on PCI", [ADRENO], { software: false }],
    ['a GPU without its driver', [BASIC], WARP],
    ['a virtual machine', [HYPER_V], WARP],
    ['remote desktop', [REMOTE, RENDER], WARP],
    ['none', [], WARP],
    ['nothing said of it', [{ Name: null, PNPDeviceID: null }], WARP],
  ])('%s', (_, controllers, want) => {
    expect(ofControllers(controllers)).toMatchObject(want);
  });

  test('where Windows does not answer, it is not called software', () => {
    expect(ofControllers(undefined)).toEqual({ software: false });
    // There is no PowerShell here.
    if (process.platform !== 'win32') expect(adapterOf('dml', 'win32')).toEqual({ software: false });
  });
});

test("on macOS it is Apple's, never in software", () => {
  expect(adapterOf('webgpu', 'darwin')).toEqual({ name: cpus()[0]!.model, software: false });
});
