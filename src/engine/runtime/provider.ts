/** Where the networks run, by ONNX Runtime's names for its execution providers. */
export const DEVICES = ['cpu', 'cuda', 'tensorrt', 'webgpu', 'dml', 'coreml'] as const;

export type Provider = (typeof DEVICES)[number];
export type Device = 'auto' | Provider;
