import { z } from 'zod';
import type { Weights } from '../checkpoint/tensor.js';
import { CheckpointError } from '../errors.js';
import type { BuiltGraph } from './built-graph.js';
import { buildClipVision, type Vision, visionJson } from './clip-vision.js';
import { FUSED, type GraphForm } from './form.js';

/** config.json of a `safety_checker` folder. */
const safetyJson = z.looseObject({
  projection_dim: z.int().positive().default(768),
  vision_config: visionJson,
});

/**
 * CLIP's vision tower with its projection, as the safety checker uses it; see {@link buildClipVision}.
 *
 * @param config the folder's config.json.
 * @throws CheckpointError if the configuration is invalid, or a tensor is missing or has another shape.
 */
export async function buildSafetyChecker(
  config: unknown,
  weights: Weights,
  form: GraphForm = FUSED,
): Promise<BuiltGraph> {
  return buildClipVision('safety_checker', parse(config, weights), weights, form);
}

function parse(config: unknown, weights: Weights): Vision {
  const parsed = safetyJson.safeParse(config);
  if (!parsed.success) {
    const file = weights.values().next().value?.file ?? 'safety checker';
    const { path, message } = parsed.error.issues[0]!;
    throw new CheckpointError(
      `${file}: the safety checker's config.json does not fit: ${path.join('.')}: ${message}. Download the folder again.`,
    );
  }
  const { vision_config, projection_dim: projection } = parsed.data;
  return { config: vision_config, projection, name: 'vision_model.vision_model' };
}
