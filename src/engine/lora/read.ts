import { type Container, readContainer } from '../checkpoint/container.js';
import type { StoredTensor } from '../checkpoint/tensor.js';
import { CheckpointError } from '../errors.js';
import { statedScales } from './adapter.js';
import { BUNDLED, type Part, partOf, unsupportedWay } from './names.js';
import { DeltaError, type Parts } from './parts.js';
import { type Way, wayInWords, wayOf } from './ways.js';

/** Stable Diffusion has 700 weights and biases, and LoHa eight parts for each of them. */
export const MAX_TENSORS = 20_000;

/** One LoRA or LyCORIS file. */
export interface LoraFile {
  path: string;
  /** The update's parts by the module they belong to, as the file names it. */
  modules: ReadonlyMap<string, Parts>;
  /** Its methods of changing weights, in words. */
  ways: ReadonlySet<string>;
  /** Bundled embeddings (AUTOMATIC1111's bundle_emb): their tensors by their word. */
  embeddings: ReadonlyMap<string, ReadonlyMap<string, StoredTensor>>;
  /** For people to read. */
  warnings: readonly string[];
}

/** @throws CheckpointError if the file is damaged, or is not a LoRA, or is of an unknown kind. */
export async function readLora(path: string): Promise<LoraFile> {
  return understandLora(path, await readContainer(path, { maxTensors: MAX_TENSORS }));
}

/** {@link readLora} of a file that has been read. */
export async function understandLora(
  path: string,
  { tensors, metadata }: Pick<Container, 'tensors' | 'metadata'>,
): Promise<LoraFile> {
  if (tensors.size > MAX_TENSORS)
    throw new CheckpointError(`${path}: ${tensors.size} tensors are too many for a LoRA.`);
  const unsupported = unsupportedWay(tensors.keys());
  if (unsupported) {
    throw new CheckpointError(
      `${path}: this LoRA is in a form that Easel cannot apply: ${unsupported}. Look for one that was saved by kohya's scripts, diffusers or LyCORIS.`,
    );
  }
  const found = new Map<string, Map<Part, StoredTensor>>();
  const embeddings = new Map<string, Map<string, StoredTensor>>();
  const strange: string[] = [];
  const add = <K>(to: Map<string, Map<K, StoredTensor>>, key: string, part: K, tensor: StoredTensor) =>
    to.set(key, (to.get(key) ?? new Map<K, StoredTensor>()).set(part, tensor));
  for (const [name, tensor] of tensors) {
    const bundled = BUNDLED.exec(name);
    const own = partOf(name, (other) => tensors.has(other));
    if (bundled) add(embeddings, bundled[1]!, bundled[2]!, tensor);
    else if (own) add(found, own.module, own.part, tensor);
    else strange.push(name);
  }
  const modules = new Map<string, Parts>();
  const ways = new Set<string>();
  for (const [module, parts] of found) {
    const way = wayOfModule(path, module, parts);
    if (way) ways.add(wayInWords(way, parts));
    if (way || parts.has('diff_b')) modules.set(module, parts);
    else strange.push(`${module}.${[...parts.keys()][0]}`);
  }
  if (modules.size === 0 && embeddings.size === 0) {
    throw new CheckpointError(`${path}: "${strange[0]!.slice(0, 100)}" is not part of a LoRA. Is this the right file?`);
  }
  const scales = await statedScales(path, metadata, modules.keys());
  const scaled = [...modules].map(([module, parts]) => {
    const scale = parts.has('alpha') || parts.has('scale') ? undefined : scales.of(module, parts.get('down')?.shape[0]);
    return [module, scale === undefined ? parts : new Map(parts).set('scale', scalar(path, scale))] as const;
  });
  const warnings = [...(strange.length > 0 ? [leftOut(path, strange)] : []), ...scales.warnings];
  return { path, modules: new Map(scaled), ways, embeddings, warnings };
}

function wayOfModule(path: string, module: string, parts: Parts): Way | undefined {
  try {
    return wayOf(parts);
  } catch (cause) {
    if (!(cause instanceof DeltaError)) throw cause;
    throw new CheckpointError(
      `${path}: module "${module.slice(0, 100)}" cannot be used: ${cause.message}. Download the file again, or look for another copy.`,
      { cause },
    );
  }
}

function leftOut(path: string, names: readonly string[]): string {
  const [first] = names as [string];
  return `${path}: ${names.length} of its tensors are unknown and are ignored (${first.slice(0, 80)}).`;
}

/** A number as a tensor of the file. */
function scalar(file: string, value: number): StoredTensor {
  return { dtype: 'F32', shape: [], file, offset: 0, bytes: new Uint8Array(Float32Array.of(value).buffer) };
}
