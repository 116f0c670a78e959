import { CheckpointError } from '../errors.js';
import { readSafetensors } from './safetensors.js';
import { ByteSource } from './source.js';
import type { StoredTensor } from './tensor.js';

export type ContainerFormat = 'safetensors' | 'torch-zip' | 'torch-legacy';

/** A weights file as it is: tensors under the names its maker gave them. */
export interface Container {
  format: ContainerFormat;
  tensors: Map<string, StoredTensor>;
}

/** Reads whichever container the bytes show; the file's name does not matter. @throws CheckpointError */
export async function readContainer(path: string): Promise<Container> {
  const format = await ByteSource.use(path, async (source) =>
    recognise(path, await source.read(0, Math.min(64, source.size))),
  );
  if (format === 'safetensors') return { format, tensors: (await readSafetensors(path)).tensors };
  throw new CheckpointError(`${path}: ${format}`);
}

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
  if (text.startsWith('PK')) return 'torch-zip';
  if (head[0] === 0x80 && head[1]! >= 2 && head[1]! <= 5) return 'torch-legacy';
  return 'safetensors';
}
