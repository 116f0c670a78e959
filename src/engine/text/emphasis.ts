/** How far the mean may lead from what the weights alone ask for. */
const TOLERANCE = 1.25;
/** Nothing is made louder than this, however many words are turned down. */
const MAX_RESTORING = 2;

/**
 * Multiplies each token's embedding by its weight, and all of them by {@link restoringFactor}, in place.
 *
 * @param embeddings [tokens, width] of one chunk; @param weights one per token.
 */
export function applyWeights(embeddings: Float32Array, weights: Float32Array, width: number): void {
  if (weights.every((weight) => weight === 1)) return;
  let before = 0;
  let after = 0;
  for (let i = 0; i < embeddings.length; i++) {
    before += embeddings[i]!;
    embeddings[i]! *= weights[Math.floor(i / width)]!;
    after += embeddings[i]!;
  }
  const factor = restoringFactor(before / after, weights);
  for (let i = 0; i < embeddings.length; i++) embeddings[i]! *= factor;
}

/**
 * What all embeddings of a chunk are multiplied by once its words have their weights, so that the whole stays as strong.
 *
 * AUTOMATIC1111's default ("Original", modules/sd_emphasis.py) restores the mean. That works for SD v1, whose tokens all
 * have about the same mean: the factor is then about one over the mean weight. Where tokens' means are near 0 and of both
 * signs, as in the embedded model and in SDXL (AUTOMATIC1111/stable-diffusion-webui#14867), their ratio can be anything,
 * negative too; then the mean weight itself decides. So the factor is AUTOMATIC1111's where that means something.
 *
 * @param meanRatio the chunk's mean before its weights over the mean after.
 * @returns above 0, at most 2.
 */
function restoringFactor(meanRatio: number, weights: Float32Array): number {
  const expected = weights.length / weights.reduce((total, weight) => total + Math.abs(weight), 0);
  const meaningful = meanRatio > expected / TOLERANCE && meanRatio < expected * TOLERANCE;
  return Math.min(meaningful ? meanRatio : expected, MAX_RESTORING);
}
