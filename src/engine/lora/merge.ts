import { type Learned, withVectors } from '../checkpoint/embedding.js';
import { vectorsOf } from '../checkpoint/embedding-file.js';
import { CheckpointError } from '../errors.js';
import type { WeightsModel } from '../model.js';
import { HERE } from '../runtime/native-session.js';
import type { LoraChange } from './change.js';
import type { Part } from './names.js';
import type { Parts } from './parts.js';
import { type LoraFile, readLora } from './read.js';
import { type Target, targetsOf } from './targets.js';

/** A LoRA or LyCORIS file and its strength: 1 as trained, 0 no effect, negative the opposite. */
export interface Lora {
  file: string;
  weight: number;
  /** The strength for the text encoder, if it differs. */
  textWeight?: number;
}

/**
 * The model with LoRAs merged into its weights, W + weight * change, and with their bundled embeddings. Each change is
 * computed as if it were alone, so their order does not matter. Sums are float32 and are stored as the checkpoint stores them, in
 * 16 bits at least. The checkpoint is not touched; changed weights are held in memory.
 *
 * @param host where sums are computed.
 * @throws CheckpointError if a file is damaged, is no LoRA, or was made for a model of another shape; RequestError if a
 *   weight is so large that the sums overflow.
 */
export async function withLora(model: WeightsModel, loras: readonly Lora[], host = HERE): Promise<WeightsModel> {
  const active = loras.filter(({ weight, textWeight = 0 }) => weight !== 0 || textWeight !== 0);
  if (active.length === 0) return model;
  const warnings: string[] = [];
  const learned: Learned[] = [];
  const updates = new Map<string, { network: Target['network']; name: string; changes: LoraChange[] }>();
  const find = targetsOf(model);
  for (const lora of active) {
    const file = await readLora(lora.file);
    warnings.push(...file.warnings);
    for (const { network, name, change } of matched(model, file, lora, find, warnings)) {
      const key = `${network} ${name}`;
      const update = updates.get(key) ?? { network, name, changes: [] };
      update.changes.push(change);
      updates.set(key, update);
    }
    for (const one of await bundled(model, file, warnings)) learned.push(one);
  }
  const { weights, ...complete } = await withVectors(model, learned);
  const merged = { unet: new Map(weights.unet), text: new Map(weights.text) };
  const all = [...updates.values()];
  const done = await host.update(
    all.map(({ network, name, changes }) => ({ tensor: merged[network].get(name)!, changes })),
  );
  for (const [k, { network, name }] of all.entries()) merged[network].set(name, done[k]!);
  return { ...complete, weights: { ...weights, ...merged }, warnings: [...model.warnings, ...warnings] };
}

/** A file's changes to this model, by tensor. */
function matched(
  model: WeightsModel,
  { path, modules, embeddings }: LoraFile,
  { weight, textWeight = weight }: Lora,
  find: (module: string) => Target | undefined,
  warnings: string[],
) {
  const found: { network: Target['network']; name: string; change: LoraChange }[] = [];
  const unknown: string[] = [];
  const unbiased: string[] = [];
  for (const [module, parts] of modules) {
    const target = find(module);
    const pieces = target ? piecesOf(target.name, parts) : [];
    const fitting = pieces.filter(({ name }) => model.weights[target!.network].has(name));
    if (fitting.length === 0) unknown.push(module);
    else if (fitting.length < pieces.length) unbiased.push(module);
    for (const { name, parts: own } of fitting) {
      const strength = target!.network === 'text' ? textWeight : weight;
      const change = { file: path, module, parts: own, weight: strength, narrow: narrowOf(target!, model) };
      if (strength !== 0) found.push({ network: target!.network, name, change });
    }
  }
  if (unknown.length === modules.size && embeddings.size === 0) {
    throw new CheckpointError(`${path}: nothing in it fits this model. Is it a LoRA for Stable Diffusion 1.x?`);
  }
  if (unknown.length > 0) {
    warnings.push(
      `${path}: ${unknown.length} of ${modules.size} modules are not in this model and are left out (${unknown[0]!.slice(0, 80)}).`,
    );
  }
  if (unbiased.length > 0) {
    warnings.push(
      `${path}: ${unbiased.length} of its modules change a bias that this model does not have, which is left out (${unbiased[0]!.slice(0, 80)}).`,
    );
  }
  return found;
}

/** The changes of a module's parts to its weight, and to its bias. */
function piecesOf(name: string, parts: Parts): { name: string; parts: Parts }[] {
  const bias = parts.get('diff_b');
  const rest = new Map<Part, NonNullable<typeof bias>>([...parts].filter(([part]) => part !== 'diff_b'));
  return [
    ...(rest.size > 0 ? [{ name: `${name}.weight`, parts: rest }] : []),
    ...(bias ? [{ name: `${name}.bias`, parts: new Map([['diff', bias]] as const) }] : []),
  ];
}

/** Models for inpainting or editing have more input channels, after those that all models have. */
function narrowOf({ network, name }: Target, { unet }: WeightsModel): number | undefined {
  return network === 'unet' && name === 'conv_in' && unet.inChannels > unet.outChannels ? unet.outChannels : undefined;
}

/** The embeddings bundled in a file. Words that the model already has keep their meaning, as in AUTOMATIC1111. */
async function bundled(model: WeightsModel, { path, embeddings }: LoraFile, warnings: string[]): Promise<Learned[]> {
  const learned: Learned[] = [];
  for (const [word, tensors] of embeddings) {
    if (model.tokenizer.words?.has(word)) {
      warnings.push(`${path}: its embedding "${word.slice(0, 80)}" is left out: that word already exists.`);
      continue;
    }
    const { values } = await vectorsOf(`${path} (embedding "${word.slice(0, 80)}")`, tensors, model.text.hiddenSize);
    learned.push({ words: [word], values });
  }
  return learned;
}
