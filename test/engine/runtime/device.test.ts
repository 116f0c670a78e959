import { describe, expect, test } from 'vitest';
import { EaselError } from '../../../src/engine/errors.js';
import { chooseDevice, reportDevices } from '../../../src/engine/runtime/device.js';
import { explain } from '../../../src/engine/runtime/native.js';
import { executionProvider, isDevice } from '../../../src/engine/runtime/provider.js';

describe('choosing a device', () => {
  test('the processor works everywhere', async () => {
    expect(await chooseDevice('cpu')).toMatchObject({ requested: 'cpu', taken: 'cpu' });
  });

  test('auto falls back to the processor when no GPU works, and says why for each', async () => {
    const order = ['webgpu', 'cuda', 'dml', 'cpu'] as const;
    const tryDevice = async (provider: string) => ({ reason: `no ${provider} here` });
    const { taken, providers } = await chooseDevice('auto', { order, tryDevice });
    expect(taken).toBe('cpu');
    const refused = providers.filter(({ provider }) => provider !== 'cpu');
    expect(refused.every(({ reason }) => reason)).toBe(true);
    expect(providers.map(({ provider }) => provider).sort()).toEqual(
      ['coreml', 'cpu', 'cuda', 'dml', 'tensorrt', 'webgpu'].sort(),
    );
  });

  test('a named device that does not work is an error with a code, not a slow picture', async () => {
    const asked = chooseDevice('webgpu', { tryDevice: async () => ({ reason: 'no driver' }) });
    await expect(asked).rejects.toThrow(EaselError);
    await expect(asked).rejects.toMatchObject({
      message: 'The device webgpu cannot be used: no driver.',
      code: 'deviceUnavailable',
    });
  });

  test('a report tries every provider of this build', async () => {
    const reports = await reportDevices();
    expect(reports.find(({ provider }) => provider === 'cpu')).toEqual({ provider: 'cpu', available: true });
    for (const { available, reason } of reports) expect(available).toBe(reason === undefined);
  });
});

describe("when ONNX Runtime's native part does not load", () => {
  const failure = (code: string, message: string) => Object.assign(new Error(message), { code });

  test.each([
    [
      'linux-riscv64',
      failure('MODULE_NOT_FOUND', "Cannot find module '../bin/x.node'\nRequire stack:"),
      /no binary for linux-riscv64/,
      'runtimeMissing',
    ],
    [
      'linux-x64',
      failure('ERR_DLOPEN_FAILED', "version `GLIBC_2.28' not found (required by x.so)"),
      /use Debian 12/,
      undefined,
    ],
    [
      'linux-x64',
      failure('ERR_DLOPEN_FAILED', 'Error loading shared library ld-linux-x86-64.so.2'),
      /musl \(Alpine\)/,
      undefined,
    ],
    [
      'win32-x64',
      failure('ERR_DLOPEN_FAILED', 'The specified module could not be found.'),
      /does not load/,
      'runtimeUnloadable',
    ],
    ['darwin-x64', failure('MODULE_NOT_FOUND', 'Cannot find module'), /Intel/, 'runtimeIntelMac'],
  ])('%s: one line, and the remedy or its code', (platform, cause, line, code) => {
    const error = explain(cause, platform);
    expect(error).toBeInstanceOf(EaselError);
    expect(error.message).toMatch(line);
    expect(error.code).toBe(code);
    expect(error.message).not.toContain('\n');
    expect(error.cause).toBe(cause);
  });
});

test('one of several GPUs is tried, reported and given to ONNX Runtime by its number', async () => {
  const tried: string[] = [];
  const asked = chooseDevice('cuda:1', {
    tryDevice: async (provider) => {
      tried.push(provider);
      return { reason: 'no such GPU' };
    },
  });
  await expect(asked).rejects.toThrow(/^The device cuda:1 cannot be used: /);
  expect(tried.every((provider) => provider === 'cuda:1')).toBe(true);
  expect(executionProvider('cuda:1')).toEqual({ name: 'cuda', deviceId: 1 });
  expect(executionProvider('cuda')).toBe('cuda');
  expect(['cuda:1', 'dml:0', 'auto', 'cpu'].every(isDevice)).toBe(true);
  expect(['cpu:0', 'webgpu:1', 'cuda:', 'cuda:01', 'cuda:1:2', ''].some(isDevice)).toBe(false);
});
