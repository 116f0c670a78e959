import type { StoredTensor } from '../checkpoint/tensor.js';
import { changedDType, fromFloat32, readValues } from '../checkpoint/values.js';
import { CheckpointError } from '../errors.js';
import type { WeightsModel } from '../model.js';
import { DeltaError, delta } from './delta.js';
import { type Multiply, withMatmul } from './matmul.js';
import { type LoraFile, type Parts, readLora } from './read.js';
import { type Target, targetsOf } from './targets.js';

/** A LoRA or LyCORIS file and how strongly it acts: 1 as it was trained, 0 not at all, negative away from it. */
export interface Lora {
  file: string;
  weight: number;
  /** The text encoder's, where it is another. */
  textWeight?: number;
}

/**
 * The model with LoRAs merged into its weights, W + weight * alpha / rank * change, added up in float32 and stored as the
 * checkpoint stores them, in 16 bits at least. The checkpoint is not touched; changed weights are held in memory.
 *
 * @throws CheckpointError if a file is damaged, is no LoRA, or was made for a model of another shape.
 */
export async function withLora(model: WeightsModel, loras: readonly Lora[]): Promise<WeightsModel> {
  const active = loras.filter(({ weight, textWeight = 0 }) => weight !== 0 || textWeight !== 0);
  if (active.length === 0) return model;
  const warnings: string[] = [];
  const updates = new Map<string, { target: Target; changes: Change[] }>();
  const find = targetsOf(model);
  for (const lora of active) {
    for (const { target, change } of matched(await readLora(lora.file), lora, find, warnings)) {
      const key = `${target.network} ${target.name}`;
      const update = updates.get(key) ?? { target, changes: [] };
      update.changes.push(change);
      updates.set(key, update);
    }
  }
  const merged = { unet: new Map(model.weights.unet), text: new Map(model.weights.text) };
  await withMatmul(async (multiply) => {
    for (const { target, changes } of updates.values()) {
      const weights = merged[target.network];
      weights.set(target.name, await changed(weights.get(target.name)!, changes, multiply));
    }
  });
  return { ...model, weights: { ...model.weights, ...merged }, warnings: [...model.warnings, ...warnings] };
}

interface Change {
  file: string;
  module: string;
  parts: Parts;
  weight: number;
}

function matched(
  { path, modules }: LoraFile,
  { weight, textWeight = weight }: Lora,
  find: (module: string) => Target | undefined,
  warnings: string[],
) {
  const found: { target: Target; change: Change }[] = [];
  const unknown: string[] = [];
  for (const [module, parts] of modules) {
    const target = find(module);
    if (!target) unknown.push(module);
    else {
      const own = target.network === 'text' ? textWeight : weight;
      found.push({ target, change: { file: path, module, parts, weight: own } });
    }
  }
  if (found.length === 0) {
    throw new CheckpointError(`${path}: nothing in it belongs to this model. Is it a LoRA for Stable Diffusion 1.x?`);
  }
  if (unknown.length > 0) {
    warnings.push(
      `${path}: ${unknown.length} of ${modules.size} modules are not in this model and are left out (${unknown[0]!.slice(0, 80)}).`,
    );
  }
  return found;
}

async function changed(tensor: StoredTensor, changes: readonly Change[], multiply: Multiply): Promise<StoredTensor> {
  const values = (await readValues(tensor)).slice();
  for (const { file, module, parts, weight } of changes) {
    const change = await delta(parts, values.length, multiply).catch((cause) => {
      if (!(cause instanceof DeltaError)) throw cause;
      throw new CheckpointError(
        `${file}: module "${module.slice(0, 100)}" does not fit this model: ${cause.message}. Is it a LoRA for Stable Diffusion 1.x?`,
        { cause },
      );
    });
    for (let k = 0; k < values.length; k++) values[k]! += weight * change[k]!;
  }
  const { strides: _, ...place } = tensor;
  const dtype = changedDType(tensor.dtype);
  return { ...place, dtype, bytes: fromFloat32(values, dtype) };
}
