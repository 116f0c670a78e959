import type { Engine } from './engine.js';
import type { Plan } from './request.js';

/** What decoding is taken to cost before it was measured: at 512x512, SD v1's decoder has as much to do. */
const STEPS_OF_DECODING = 1.5;

type Shape = readonly [rows: number, channels: number, height: number, width: number];

/** Of all pictures with latents of this shape. */
export function pixelCount({ model }: Engine, [rows, , height, width]: Shape): number {
  return rows * height * width * model.downsampling ** 2;
}

/** Before the first step; null if no picture was painted before. */
export function secondsOf(engine: Engine, plan: Pick<Plan, 'output'>, shape: Shape, steps: number): number | null {
  const each = engine.pace?.seconds('step', pixelCount(engine, shape));
  return each === undefined ? null : each * steps + secondsAfter(engine, plan, shape, each);
}

/** After the last step: for decoding and checking. @param shape of the latents that are left to decode. */
export function secondsAfter(
  engine: Engine,
  { output }: Pick<Plan, 'output'>,
  shape: Shape,
  secondsPerStep: number,
): number {
  if (output === 'latents') return 0;
  const pixels = pixelCount(engine, shape);
  const decoding = engine.pace?.seconds('decode', pixels) ?? STEPS_OF_DECODING * secondsPerStep;
  return decoding + secondsOfCheck(engine, pixels);
}

/** 0 where there is none, and where there was none before. */
export function secondsOfCheck({ safety, pace }: Engine, pixels: number): number {
  return (safety && pace?.seconds('check', pixels)) || 0;
}
