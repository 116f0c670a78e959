import { dirname, relative, sep } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { DTYPE_BYTES, type StoredTensor } from '../checkpoint/tensor.js';
import { readBytes } from '../checkpoint/values.js';
import { EaselError } from '../errors.js';
import { elements } from '../shape.js';
import type { UsedWeight } from './graph-weights.js';
import { encodeModel, type Initializer, type OnnxModelProto } from './onnx.js';
import { removeScratch, ScratchFile } from './scratch.js';

/** A graph ready for a session: the model's bytes, and the files that hold the weights outside them. */
export interface BuiltGraph {
  model: Uint8Array;
  /** The folder that external locations are relative to; absent when there are none. */
  folder?: string;
  /** A temporary file with the weights that no other file holds in ONNX's form; see {@link removeScratch}. */
  scratch?: string;
}

/** Tensors up to this many bytes are copied into the model when they cannot be mapped. */
const INLINE_BYTES = 4096;

/**
 * Encodes a graph whose weights are mapped from the files they are in; only those that cannot be mapped are read.
 *
 * @param graph its initializers are the constants.
 * @throws CheckpointError if a tensor that must be copied cannot be read.
 * @throws EaselError if the files are on several drives, or the temporary folder is full.
 */
export async function withWeights(graph: OnnxModelProto, used: readonly UsedWeight[]): Promise<BuiltGraph> {
  const weights = used.map((weight) => {
    const length = elements(weight.shape) * DTYPE_BYTES[weight.tensor.dtype];
    const place = isMappable(weight.tensor) ? 'file' : length <= INLINE_BYTES ? 'model' : 'scratch';
    return { ...weight, length, place };
  });
  const scratch = weights.some(({ place }) => place === 'scratch') ? await ScratchFile.create() : undefined;
  try {
    const files = weights.filter(({ place }) => place === 'file').map(({ tensor }) => tensor.file);
    const all = scratch ? [...files, scratch.path] : files;
    const folder = all.length > 0 ? commonFolder(all) : undefined;
    const location = (file: string) => relative(folder!, file).split(sep).join('/');
    const initializers: Initializer[] = [...graph.initializers];
    for (const { name, type, shape, tensor, length, place } of weights) {
      const data =
        place === 'file'
          ? { location: location(tensor.file), offset: tensor.offset, length }
          : place === 'model'
            ? await readBytes(tensor)
            : { location: location(scratch!.path), offset: await scratch!.append(await readBytes(tensor)), length };
      initializers.push({ name, type, shape, data });
    }
    // Adding the nodes was a piece of work, and writing them is another: whoever waits has a turn.
    await turn();
    const model = encodeModel({ ...graph, initializers });
    return { model, ...(folder !== undefined && { folder }), ...(scratch && { scratch: scratch.path }) };
  } catch (error) {
    if (scratch) await removeScratch(scratch.path);
    throw error;
  } finally {
    await scratch?.close();
  }
}

/** ONNX Runtime can map a tensor that a file holds in C order. */
function isMappable(tensor: StoredTensor): boolean {
  return !tensor.strides && !tensor.bytes && !tensor.blocks;
}

/** ONNX Runtime takes external data from one folder and its subfolders. */
function commonFolder(files: readonly string[]): string {
  let folder = dirname(files[0]!);
  while (!files.every((file) => file.startsWith(folder.endsWith(sep) ? folder : folder + sep))) {
    if (dirname(folder) === folder) {
      throw new EaselError(`${files.at(-1)}: it is on another drive than ${files[0]}.`, {
        code: 'severalDrives',
      });
    }
    folder = dirname(folder);
  }
  return folder;
}
