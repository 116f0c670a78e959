import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { thisFile } from '../package-root.js';
import { nameOf, type Provider, type ProviderName } from './provider.js';

/** Of providers that are not built into ONNX Runtime, but lie beside it where they are installed. */
const FILES: Partial<Record<ProviderName, string>> = {
  cuda: 'libonnxruntime_providers_cuda.so',
  tensorrt: 'libonnxruntime_providers_tensorrt.so',
};

/** Path of a provider's own library, which need not exist; undefined for a provider that has none. */
export function providerLibrary(provider: Provider): string | undefined {
  const file = FILES[nameOf(provider)];
  return file && process.platform === 'linux' ? join(binaries(), process.platform, process.arch, file) : undefined;
}

export function isInstalled(provider: Provider): boolean {
  const library = providerLibrary(provider);
  return library === undefined || existsSync(library);
}

/** onnxruntime-node/bin/napi-v6: the folder is called after Node's interface, whose version may change. */
function binaries(): string {
  const bin = join(dirname(createRequire(thisFile).resolve('onnxruntime-node')), '../bin');
  return join(bin, readdirSync(bin).find((name) => name.startsWith('napi-')) ?? '');
}
