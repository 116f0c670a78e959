/** A sum is NaN or infinite if one number is; sums of latents and pictures are nowhere near overflow in float64. */
export function allFinite(values: Float32Array): boolean {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i]!;
  return Number.isFinite(sum);
}

/** Decoders give about -1..1, and black a little less than -1. */
export const DARKER_THAN_BLACK = -2;

/** Whether a decoded picture is black because its numbers are far from a picture's. */
export function isDarkerThanBlack(decoded: Float32Array): boolean {
  return decoded.every((value) => value < DARKER_THAN_BLACK);
}
