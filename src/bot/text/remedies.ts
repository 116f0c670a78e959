import type { ErrorCode } from '../../engine/errors.js';
import { MACHINE_REMEDIES } from '../../machine-remedies.js';

/** What the operator can do about each of the engine's errors; null if the message says it all. */
const REMEDIES: Record<ErrorCode, string | null> = {
  ...MACHINE_REMEDIES,
  autoencoderBlack: 'If NAME.vae.safetensors is beside the model, remove it or put another there.',
  deviceRefused: 'Set DEVICE=cpu, or to another device that `npx easel devices` lists as working.',
  deviceUnavailable: 'Set DEVICE=auto or DEVICE=cpu; `npx easel devices` lists what works here.',
  int8Device: 'Set PRECISION=auto, or DEVICE=cpu.',
  int8Folder: 'Set PRECISION=auto.',
  isAutoencoder: 'To use it with the checkpoint NAME.safetensors, call it NAME.vae.safetensors.',
  isControlNet: 'Move it to the folder controlnet in MODELS_DIR; members choose it with the option `control`.',
  isEmbedding: 'The bot does not use embeddings; the command line does.',
  isLora: 'Move it to the folder models/lora; prompts name it as <lora:name:1>.',
  isUpscaler: 'Move it to the folder upscalers in MODELS_DIR: U and /upscale enlarge with it.',
  noAutoencoder: null,
  noSafetyChecker: 'Get it with `npx easel pull safety-checker`, or set SAFETY_CHECKER=off.',
  wrongConfig: 'The YAML of NAME.safetensors is NAME.yaml beside it.',
};

/** For any thrown value, from this or another process: Node's own errors have codes too. */
export function remedyOf(error: unknown): string | null {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && Object.hasOwn(REMEDIES, code) ? REMEDIES[code as ErrorCode] : null;
}
