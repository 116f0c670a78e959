import type { Model } from '../model.js';
import type { Networks } from '../networks.js';
import type { TinyDecoder } from '../runtime/tiny-decoder.js';
import type { SafetyChecker } from '../safety/checker.js';
import type { Conditions } from '../text/conditioning.js';
import type { Pace } from './pace.js';
import type { PaintOptions } from './progress.js';
import type { Plan } from './request.js';

/** What every pipeline needs: a model, the networks that run it, and the conversions from prompts and to pictures. */
export interface Engine {
  readonly model: Model;
  readonly networks: Networks;
  readonly safety: SafetyChecker | null;
  /** For previews only. */
  readonly tinyDecoder?: TinyDecoder | undefined;
  /** Where it is known, time that is left is estimated from it. */
  readonly pace?: Pace;
  /** Prompts to [rows, tokens, width], and the negative prompt's rows unless the scale is 1. */
  condition(plan: Plan, options: PaintOptions): Promise<Conditions>;
}

/** [rows, channels, height, width] of the latents of pictures that are `width` x `height` pixels. */
export function latentShape(
  model: Model,
  rows: number,
  width: number,
  height: number,
): [number, number, number, number] {
  return [rows, model.latentChannels, height / model.downsampling, width / model.downsampling];
}
