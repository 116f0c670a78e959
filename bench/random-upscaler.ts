import { upscalerShapes } from '../src/engine/checkpoint/layout/upscaler.js';
import type { UpscalerConfig } from '../src/engine/upscaler/architecture.js';
import { writeSafetensors } from './random-model.js';

/** RealESRGAN_x4plus (github.com/xinntao/Real-ESRGAN). */
export const X4PLUS: UpscalerConfig = {
  kind: 'rrdb',
  inChannels: 3,
  unshuffle: 1,
  width: 64,
  growth: 32,
  blocks: 23,
  stages: 2,
  scale: 4,
};

/** realesr-general-x4v3, from the same place. */
export const GENERAL: UpscalerConfig = {
  kind: 'compact',
  inChannels: 3,
  unshuffle: 1,
  width: 64,
  layers: 32,
  scale: 4,
};

/** Writes an upscaler in float32, at random: 67 MB for {@link X4PLUS}. */
export function writeRandomUpscaler(file: string, config: UpscalerConfig): void {
  writeSafetensors(file, upscalerShapes(config));
}
