import { type FileHandle, mkdtemp, open, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { EaselError } from '../errors.js';

/** ONNX Runtime requires mapped tensors to start at a multiple of this, in bytes. */
const ALIGNMENT = 64;

/**
 * A temporary file for weights that no file holds in ONNX's form: merged, strided or decompressed. ONNX Runtime maps it
 * like the checkpoint, so they take no extra memory. (It cannot take some weights from memory and others from files.)
 */
export class ScratchFile {
  readonly path: string;
  readonly #handle: FileHandle;
  #end = 0;

  private constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.#handle = handle;
  }

  static async create(): Promise<ScratchFile> {
    try {
      const path = join(await mkdtemp(join(await realpath(tmpdir()), 'easel-weights-')), 'weights');
      return new ScratchFile(path, await open(path, 'wx', 0o600));
    } catch (cause) {
      throw noRoom(cause);
    }
  }

  /** @returns the offset of the bytes in the file. */
  async append(bytes: Uint8Array): Promise<number> {
    const offset = Math.ceil(this.#end / ALIGNMENT) * ALIGNMENT;
    try {
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await this.#handle.write(bytes, done, bytes.length - done, offset + done);
        done += bytesWritten;
      }
    } catch (cause) {
      throw noRoom(cause);
    }
    this.#end = offset + bytes.length;
    return offset;
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

/**
 * Deletes a scratch file. What is mapped from it stays readable, except on Windows, where it must be released first.
 */
export async function removeScratch(path: string): Promise<void> {
  await rm(dirname(path), { recursive: true, force: true });
}

function noRoom(cause: unknown): EaselError {
  const { code } = cause as NodeJS.ErrnoException;
  return new EaselError(`${tmpdir()}: changed weights cannot be kept there (${code}).`, {
    cause,
    code: 'temporaryFolder',
  });
}
