import type { InferenceSession } from 'onnxruntime-node';

/** Where the networks run, by ONNX Runtime's names for its execution providers. */
export const DEVICES = ['cpu', 'cuda', 'tensorrt', 'webgpu', 'dml', 'coreml'] as const;
/** Those that know several GPUs by their numbers. */
const NUMBERED = ['cuda', 'tensorrt', 'dml'] as const;

export type ProviderName = (typeof DEVICES)[number];
/** `cuda` is the first GPU, `cuda:1` the second. */
export type Provider = ProviderName | `${(typeof NUMBERED)[number]}:${number}`;
export type Device = 'auto' | Provider;

/** For messages. */
export const DEVICE_NAMES = `auto, ${DEVICES.join(', ')}; of several GPUs, the second is cuda:1, tensorrt:1 or dml:1`;

const DEVICE = new RegExp(`^(auto|${DEVICES.join('|')}|(${NUMBERED.join('|')}):(0|[1-9]\\d?))$`);

export function isDevice(text: string): text is Device {
  return DEVICE.test(text);
}

export function nameOf(provider: Provider): ProviderName {
  return provider.split(':')[0] as ProviderName;
}

/** As ONNX Runtime wants to be told. */
export function executionProvider(provider: Provider): InferenceSession.ExecutionProviderConfig {
  const [name, number] = provider.split(':') as [ProviderName, string?];
  return number === undefined ? name : { name: name as 'cuda', deviceId: Number(number) };
}
