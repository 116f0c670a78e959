const { fround } = Math;

/** Weights of the predictions, newest first, and their divisor, for one to four of them. */
const WEIGHTS = [
  { weights: [1], divisor: 1 },
  { weights: [3, -1], divisor: 2 },
  { weights: [23, -16, 5], divisor: 12 },
  { weights: [55, -59, 37, -9], divisor: 24 },
] as const;

/**
 * The Adams-Bashforth mean of noise predictions at even steps, newest first, one to four of them, each operation rounded to
 * float32 as the reference's PLMS does.
 */
export function adamsBashforth(predictions: readonly Float32Array[]): Float32Array {
  const { weights, divisor } = WEIGHTS[predictions.length - 1]!;
  return predictions[0]!.map((_, i) => {
    let sum = 0;
    for (let k = 0; k < weights.length; k++) sum = fround(sum + fround(weights[k]! * predictions[k]![i]!));
    return sum / divisor;
  });
}
