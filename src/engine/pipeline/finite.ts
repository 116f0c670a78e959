import { findNonFinite } from '../checkpoint/non-finite.js';
import { CheckpointError, RequestError } from '../errors.js';
import type { Model } from '../model.js';
import { allFinite, DARKER_THAN_BLACK, isDarkerThanBlack } from '../numbers.js';

/** What each network is called, by its weights' name in {@link Model}. */
const NETWORKS = { text: 'text encoder', unet: 'UNet', autoencoder: 'autoencoder' } as const;

/**
 * Checks what a network gave. NaN would go through everything that follows and end as a black picture. Weights are looked
 * through only when it has happened, for a checkpoint has gigabytes of them.
 *
 * @throws CheckpointError that names the tensor whose NaN or infinity it comes from; RequestError if all weights are finite.
 */
export async function requireFinite(model: Model, network: keyof typeof NETWORKS, values: Float32Array): Promise<void> {
  if (allFinite(values)) return;
  const what = NETWORKS[network];
  if (model.kind === 'weights') {
    const found = await findNonFinite(model.weights[network]);
    if (found) {
      const { name, tensor, count } = found;
      throw new CheckpointError(
        `${tensor.file}: the ${what}'s tensor "${name}" holds NaN or infinity (${count} of its numbers). It cannot paint anything: get the file from another source, or use another model.`,
      );
    }
  }
  const cause = `The cause may be a scale far from ${model.card.scale}, a large weight in the prompt, the sampler, a LoRA or an embedding.`;
  throw new RequestError(
    `The ${what} gave numbers that are NaN or infinite, so there is no picture. ${cause}${exported(model)}`,
    { meaning: { code: 'notFinite', values: { scale: model.card.scale } } },
  );
}

/** @throws CheckpointError for a decoded picture that is black because its numbers are far from a picture's. */
export function requirePicture(model: Model, decoded: Float32Array): void {
  if (!isDarkerThanBlack(decoded)) return;
  throw new CheckpointError(
    `${model.path}: the autoencoder gave only numbers below ${DARKER_THAN_BLACK}, which is darker than black. Does it belong to this model?${exported(model)}`,
    { code: 'autoencoderBlack' },
  );
}

/** What may be wrong with a folder of ONNX graphs besides. */
function exported({ kind }: Model): string {
  return kind === 'onnx' ? ' If its graphs were exported in float16, export them in float32.' : '';
}
