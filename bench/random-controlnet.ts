import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { controlNetShapes } from '../src/engine/checkpoint/layout/controlnet.js';
import type { UNetConfig } from '../src/engine/model.js';
import { writeSafetensors } from './random-model.js';

/** Of the ControlNets for Stable Diffusion (diffusers, ControlNetModel's conditioning_embedding_out_channels). */
const HINT_WIDTHS = [16, 32, 96, 256];

/** Writes a ControlNet for a UNet in diffusers' layout, float32, at random: 1.4 GB at SD v1's size. @returns its folder. */
export function writeRandomControlNet(folder: string, unet: UNetConfig): string {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ _class_name: 'ControlNetModel' }));
  const shapes = controlNetShapes({ unet, hintWidths: HINT_WIDTHS });
  writeSafetensors(join(folder, 'diffusion_pytorch_model.safetensors'), shapes);
  return folder;
}
