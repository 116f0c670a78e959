import { CheckpointError } from '../errors.js';
import type { WeightsModel } from '../model.js';
import type { Shapes } from './layout/shapes.js';
import { isFloat, type StoredTensor, type Weights } from './tensor.js';

/** A network's tensors, found and missing. */
export interface Assembly {
  weights: Weights;
  /** Canonical names that no tensor was found for. */
  missing: string[];
}

/**
 * Gathers a network's tensors under their canonical names. A 1x1 convolution counts as a matrix and vice versa:
 * files differ in that, but the numbers are the same.
 *
 * @param find the stored tensor for a canonical name.
 * @throws CheckpointError if a tensor's shape does not match the architecture, or its values are not real numbers.
 */
export function assemble(file: string, shapes: Shapes, find: (name: string) => StoredTensor | undefined): Assembly {
  const weights = new Map<string, StoredTensor>();
  const missing: string[] = [];
  for (const [name, shape] of shapes) {
    const tensor = find(name);
    if (tensor) weights.set(name, fitted(file, name, tensor, shape));
    else missing.push(name);
  }
  return { weights, missing };
}

/** @throws CheckpointError for missing tensors, in one line. */
export function requireComplete(file: string, network: string, missing: readonly string[]): void {
  if (missing.length === 0) return;
  const others = missing.length > 1 ? ` and ${missing.length - 1} more` : '';
  throw new CheckpointError(
    `${file}: the ${network} lacks "${missing[0]}"${others}. Is this a whole Stable Diffusion 1.x checkpoint, not a part or an addition?`,
  );
}

/** @throws CheckpointError unless every width divides evenly among the attention heads and normalization groups. */
export function requireEven(
  file: string,
  { unet, autoencoder, text }: Pick<WeightsModel, 'unet' | 'text'> & Partial<Pick<WeightsModel, 'autoencoder'>>,
): void {
  const divisions: [string, readonly number[], (level: number) => number][] = [
    ["UNet's attention heads", unet.blockOutChannels, (level) => unet.heads[level] ?? 0],
    ["UNet's normalization groups", unet.blockOutChannels, () => unet.normGroups],
    ["autoencoder's normalization groups", autoencoder?.blockOutChannels ?? [], () => autoencoder!.normGroups],
    ["text encoder's attention heads", [text.hiddenSize], () => text.heads],
  ];
  for (const [what, widths, parts] of divisions) {
    const level = widths.findIndex((width, k) => width % parts(k) !== 0);
    if (level >= 0) {
      throw new CheckpointError(
        `${file}: ${widths[level]} channels cannot be divided evenly among the ${what} (${parts(level)}). Does the configuration belong to this checkpoint?`,
        { code: 'wrongConfig' },
      );
    }
  }
}

/** UNets with SD's names that read more than latents, by the number of additional channels. */
const OTHER_INPUTS: Record<number, string> = {
  1: 'depth2img, which reads a depth map as well',
  3: "the x4 upscaler, which reads the small picture's pixels as well",
};

/**
 * @throws CheckpointError unless the UNet reads latents alone, or with another picture's latents, or with a mask and the
 *   latents of what it leaves of a picture.
 */
export function requireKnownInputs(file: string, inChannels: number, latentChannels: number): void {
  const beside = inChannels - latentChannels;
  if (beside === 0 || beside === latentChannels || beside === latentChannels + 1) return;
  const kind = Object.hasOwn(OTHER_INPUTS, beside) ? ` It seems to be ${OTHER_INPUTS[beside]}.` : '';
  throw new CheckpointError(
    `${file}: its UNet reads ${inChannels} channels; Easel gives it ${latentChannels}, ${2 * latentChannels} for editing or ${2 * latentChannels + 1} for inpainting.${kind} Choose another model.`,
  );
}

function fitted(file: string, name: string, tensor: StoredTensor, shape: readonly number[]): StoredTensor {
  if (!isFloat(tensor.dtype)) {
    throw new CheckpointError(`${file}: tensor "${name}" has dtype ${tensor.dtype}; weights must be floating point.`);
  }
  if (equal(tensor.shape, shape)) return tensor;
  if (!equal(withoutTail(tensor.shape), withoutTail(shape))) {
    throw new CheckpointError(
      `${file}: tensor "${name}" has shape [${tensor.shape}], expected [${shape}]. Does the configuration belong to this checkpoint?`,
      { code: 'wrongConfig' },
    );
  }
  if (!tensor.strides) return { ...tensor, shape };
  const strides = shape.map((_, axis) => tensor.strides![axis] ?? 1);
  return { ...tensor, shape, strides };
}

function withoutTail(shape: readonly number[]): readonly number[] {
  return shape.length === 4 && shape[2] === 1 && shape[3] === 1 ? shape.slice(0, 2) : shape;
}

function equal(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((side, axis) => side === b[axis]);
}
