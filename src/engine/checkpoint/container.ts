import { CheckpointError } from '../errors.js';
import { readGguf } from './gguf/read.js';
import { readSafetensors } from './safetensors.js';
import { ByteSource } from './source.js';
import type { StoredTensor, Weights } from './tensor.js';
import { readArchive } from './torch/archive.js';
import { importsWarning, isDangerous } from './torch/imports.js';
import { readLegacy } from './torch/legacy.js';
import type { Pickled } from './torch/pickle-machine.js';
import { readTensors } from './torch/read.js';
import { type Scan, scanSource } from './torch/scan.js';
import { TensorReference } from './torch/tensors.js';

export type ContainerFormat = 'safetensors' | 'gguf' | 'torch-zip' | 'torch-legacy';

/** A weights file as it is: tensors under their original names. */
export interface Container {
  format: ContainerFormat;
  tensors: Map<string, StoredTensor>;
  /** The metadata of a safetensors file. */
  metadata: ReadonlyMap<string, string>;
  /** The whole pickled value of a torch file, inert. */
  root: Pickled;
  /** For people to read: a pickle that could do harm in other software. */
  warnings: string[];
  /** What its pickles name, if it was asked for. */
  scan?: Scan;
}

/** Checksums of small files are compared when they are opened; for large ones that takes seconds, so they need `verify`. */
const ALWAYS_VERIFIED_BYTES = 64 * 2 ** 20;

export interface ReadOptions {
  /** Compare a zip's checksums, however large it is. */
  verify?: boolean;
  /** How many tensors a safetensors file may hold. */
  maxTensors?: number;
  /** Look for pickles wherever they may be in it; see scanPickles. */
  scan?: boolean;
}

/** Detects the container by its bytes, not by the file's name. @throws CheckpointError */
export async function readContainer(path: string, options: ReadOptions = {}): Promise<Container> {
  return ByteSource.use(path, async (source) => {
    const format = recognise(path, await source.read(0, Math.min(64, source.size)));
    if (format === 'safetensors') {
      const { tensors, metadata } = await readSafetensors(path, options.maxTensors);
      return { format, tensors, metadata, root: undefined, warnings: [] };
    }
    if (format === 'gguf') {
      return { format, tensors: await readGguf(source), metadata: new Map(), root: undefined, warnings: [] };
    }
    const file =
      format === 'torch-zip'
        ? await readArchive(source, options.verify ?? source.size <= ALWAYS_VERIFIED_BYTES)
        : await readLegacy(source);
    const dangerous = [...file.imports].filter(isDangerous);
    const warnings = dangerous.length > 0 ? [importsWarning(path, dangerous)] : [];
    const tensors = await readTensors(source, file.root, file.locate);
    // The format of cloneofsimo/lora, in the order in which its program visited the weights.
    if (Array.isArray(file.root) && file.root.some((value) => value instanceof TensorReference)) {
      throw new CheckpointError(
        `${path}: this is a list of tensors without names, the format of cloneofsimo/lora, which does not say what they change. Look for a LoRA saved by kohya's scripts, diffusers or LyCORIS.`,
      );
    }
    if (tensors.size === 0) {
      throw new CheckpointError(warnings[0] ?? `${path}: there are no tensors in it. Is this a checkpoint?`);
    }
    return {
      format,
      tensors,
      metadata: new Map<string, string>(),
      root: file.root,
      warnings,
      ...(options.scan && { scan: await scanSource(source) }),
    };
  });
}

/**
 * The tensors of a .safetensors, .pth, .ckpt or .gguf, by the names that they have in it, for a GraphBuilder. Only names and
 * shapes are read.
 *
 * @throws CheckpointError if it cannot be read.
 */
export async function openWeights(path: string): Promise<Weights> {
  return (await readContainer(path)).tensors;
}

/** Other files that are called models, by their first bytes. */
const OTHER_FORMATS: readonly (readonly [string, string])[] = [
  ['\x89HDF\r\n', 'an HDF5 file, as Keras writes them'],
  ['\x1f\x8b', 'a gzip archive: unpack it first'],
  ['7z\xbc\xaf', 'a 7z archive: unpack it first'],
  ['Rar!', 'a RAR archive: unpack it first'],
  ['\x89PNG', 'a picture'],
  ['\xff\xd8\xff', 'a picture'],
];

function recognise(path: string, head: Buffer): ContainerFormat {
  const text = head.toString('latin1');
  if (head.length === 0) throw new CheckpointError(`${path}: the file is empty. Download it again.`);
  if (text.startsWith('version https://git-lfs')) {
    throw new CheckpointError(
      `${path}: this is a Git LFS pointer, not the weights. Run \`git lfs pull\` or download the file itself.`,
    );
  }
  if (/^\s*<(!doctype|html|\?xml)/i.test(text)) {
    throw new CheckpointError(`${path}: this is a web page, not weights. Download the file itself.`);
  }
  const other = OTHER_FORMATS.find(([magic]) => text.startsWith(magic))?.[1];
  if (other) {
    throw new CheckpointError(
      `${path}: this is ${other}. Easel reads .safetensors, .ckpt, .gguf and folders of diffusers.`,
    );
  }
  if (text.startsWith('GGUF')) return 'gguf';
  if (text.startsWith('PK')) return 'torch-zip';
  if (head[0] === 0x80 && head[1]! >= 2 && head[1]! <= 5) return 'torch-legacy';
  return 'safetensors';
}
