import { slerp } from '../random/slerp.js';
import { elements } from '../shape.js';
import type { Plan } from './request.js';

/** The noise that a plan's pictures begin with, [rows, c, h, w]: a draw of its generator, and a variation's mixed in. */
export function startNoise(
  { generator, variation }: Pick<Plan, 'generator' | 'variation'>,
  shape: readonly [number, number, number, number],
): Float32Array {
  const noise = generator.randn(elements(shape));
  if (!variation) return noise;
  const other = variation.generator.randn(noise.length);
  const [rows, ...one] = shape;
  const size = noise.length / rows;
  for (let at = 0; at < noise.length; at += size) {
    const [low, high] = [noise, other].map((all) => all.subarray(at, at + size)) as [Float32Array, Float32Array];
    noise.set(slerp(low, high, variation.strength, one), at);
  }
  return noise;
}
