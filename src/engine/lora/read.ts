import { readContainer } from '../checkpoint/container.js';
import type { StoredTensor } from '../checkpoint/tensor.js';
import { CheckpointError } from '../errors.js';
import { statedAlphas } from './adapter.js';

/** A part of one module's update. */
export type Part =
  | 'up'
  | 'down'
  | 'mid'
  | 'alpha'
  | `hada_${'w1_a' | 'w1_b' | 'w2_a' | 'w2_b' | 't1' | 't2'}`
  | `lokr_${'w1' | 'w1_a' | 'w1_b' | 'w2' | 'w2_a' | 'w2_b' | 't2'}`
  | 'diff';

export type Parts = ReadonlyMap<Part, StoredTensor>;

/** One LoRA or LyCORIS file: the update's parts by the module they belong to, as the file names it. */
export interface LoraFile {
  path: string;
  modules: ReadonlyMap<string, Parts>;
}

/** How the names end in the formats of kohya, diffusers (old, new and PEFT's) and LyCORIS. */
const ENDINGS: readonly [RegExp, Part][] = [
  [/\.lora_up\.weight$|[._]lora\.up\.weight$|\.lora_linear_layer\.up\.weight$|\.lora_B(\.\w+)?\.weight$/, 'up'],
  [/\.lora_down\.weight$|[._]lora\.down\.weight$|\.lora_linear_layer\.down\.weight$|\.lora_A(\.\w+)?\.weight$/, 'down'],
  [/\.lora_mid\.weight$/, 'mid'],
  [/\.alpha$/, 'alpha'],
  [/\.diff$/, 'diff'],
];

/** Embeddings that come along in some files; they are not part of the update. */
const IGNORED = /^bundle_emb\.|\.diff_b$|\.(w|b)_norm$/;

/** @throws CheckpointError if the file is damaged, or is no LoRA, or a kind of it that is not known. */
export async function readLora(path: string): Promise<LoraFile> {
  const { tensors, metadata } = await readContainer(path);
  const modules = new Map<string, Map<Part, StoredTensor>>();
  for (const [name, tensor] of tensors) {
    if (IGNORED.test(name)) continue;
    const found = ENDINGS.find(([ending]) => ending.test(name)) ?? lycoris(name);
    if (!found) {
      throw new CheckpointError(
        `${path}: "${name.slice(0, 100)}" is not part of a LoRA, LoHa or LoKr. Is this the right file?`,
      );
    }
    const [ending, part] = found;
    const module = name.replace(ending, '');
    modules.set(module, (modules.get(module) ?? new Map<Part, StoredTensor>()).set(part, tensor));
  }
  const alphaOf = statedAlphas(path, metadata);
  for (const [module, parts] of modules) {
    const rank = parts.get('down')?.shape[0];
    const alpha = parts.has('alpha') || rank === undefined ? undefined : alphaOf(module, rank);
    if (alpha !== undefined) parts.set('alpha', scalar(path, alpha));
  }
  return { path, modules };
}

/** A number as a tensor of the file. */
function scalar(file: string, value: number): StoredTensor {
  return { dtype: 'F32', shape: [], file, offset: 0, bytes: new Uint8Array(Float32Array.of(value).buffer) };
}

/** LyCORIS's parts are called what they are. */
function lycoris(name: string): [string, Part] | undefined {
  const match = /\.(hada_(?:w[12]_[ab]|t[12])|lokr_(?:w[12](?:_[ab])?|t2))$/.exec(name);
  return match ? [match[0], match[1] as Part] : undefined;
}
