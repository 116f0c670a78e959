/** Above this mean cosine two noises count as parallel. */
const PARALLEL = 0.9995;

/**
 * Mixes the noise of two pictures on the sphere, so that the mixture is as strong as either (AUTOMATIC1111's modules/rng.py,
 * slerp). Angles are taken down each column of each channel, as there: its function was written for rows of vectors. Noises
 * that are parallel are mixed in a straight line and, as there, the other way round: the same seed twice gives that seed's
 * noise whatever the weight is.
 *
 * @param low one picture's, [channels, height, width].
 * @param weight 0 gives `low`, 1 gives `high`.
 */
export function slerp(
  low: Float32Array,
  high: Float32Array,
  weight: number,
  [channels, height, width]: readonly [number, number, number],
): Float32Array {
  const cosines = new Float64Array(channels * width);
  for (let column = 0; column < cosines.length; column++) {
    let [dot, lows, highs] = [0, 0, 0];
    for (const i of placesOf(column, height, width)) {
      dot += low[i]! * high[i]!;
      lows += low[i]! ** 2;
      highs += high[i]! ** 2;
    }
    cosines[column] = dot / Math.sqrt(lows * highs);
  }
  const mean = cosines.reduce((sum, cosine) => sum + cosine, 0) / cosines.length;
  if (mean > PARALLEL) return low.map((value, i) => value * weight + high[i]! * (1 - weight));

  const mixed = new Float32Array(low.length);
  for (const [column, cosine] of cosines.entries()) {
    const angle = Math.acos(Math.min(1, Math.max(-1, cosine)));
    const sine = Math.sin(angle);
    // A column that is parallel by itself, where the formula divides by nothing.
    const [a, b] =
      sine < 1e-7 ? [1 - weight, weight] : [Math.sin((1 - weight) * angle) / sine, Math.sin(weight * angle) / sine];
    for (const i of placesOf(column, height, width)) mixed[i] = a * low[i]! + b * high[i]!;
  }
  return mixed;
}

/** Places of the n-th column's numbers, counted through the channels. */
function* placesOf(column: number, height: number, width: number): Generator<number> {
  const start = Math.floor(column / width) * height * width + (column % width);
  for (let y = 0; y < height; y++) yield start + y * width;
}
