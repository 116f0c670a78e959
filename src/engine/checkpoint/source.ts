import { type FileHandle, realpath } from 'node:fs/promises';
import { CheckpointError } from '../errors.js';
import { FileRefused, openFile } from '../regular-file.js';

/** Bytes that are read at once where fewer are asked for: the headers of several small entries of a zip. */
const BLOCK = 8192;
/** Blocks that are kept, 16 MiB of them: the headers of a checkpoint's two thousand tensors, which are looked at twice. */
const MOST_BLOCKS = 2048;

/** A file that is read in pieces. Nothing outside it can be asked for: every range is checked against its size first. */
export class ByteSource {
  readonly #handle: Pick<FileHandle, 'read'>;
  readonly #blocks = new Map<number, Buffer>();

  private constructor(
    handle: Pick<FileHandle, 'read'>,
    /** As it was given: the name that messages use. */
    readonly path: string,
    /** Real path, symbolic links resolved. */
    readonly file: string,
    /** Bytes. */
    readonly size: number,
  ) {
    this.#handle = handle;
  }

  /** Opens `path` while `use` runs. @throws CheckpointError if it is missing, unreadable or not a file. */
  static async use<T>(path: string, use: (source: ByteSource) => Promise<T>): Promise<T> {
    const { file, handle } = await realpath(path)
      .then(async (file) => ({ file, handle: await openFile(file) }))
      .catch((cause) => {
        throw unreadable(path, cause);
      });
    try {
      return await use(new ByteSource(handle, path, file, (await handle.stat()).size));
    } finally {
      await handle.close();
    }
  }

  /** Bytes in memory, such as a file that was inside another. */
  static over(path: string, bytes: Buffer): ByteSource {
    const read = async (into: Buffer, at: number, length: number, from: number) => ({
      bytesRead: bytes.copy(into, at, from, from + length),
      buffer: into,
    });
    return new ByteSource({ read: read as FileHandle['read'] }, path, path, bytes.length);
  }

  /** `length` bytes from `offset`. @throws CheckpointError if they are not all in the file. */
  async read(offset: number, length: number): Promise<Buffer> {
    if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || offset < 0 || length < 0) {
      throw new CheckpointError(`${this.path}: it refers to byte ${offset}, which does not exist. It is damaged.`);
    }
    if (offset + length > this.size) {
      throw new CheckpointError(
        `${this.path}: it ends at byte ${this.size}, but bytes up to ${offset + length} are needed. It is truncated: download it again.`,
      );
    }
    // Not from the pool: the bytes become typed arrays, which need their own memory.
    const bytes = Buffer.allocUnsafeSlow(length);
    if (length >= BLOCK) return this.#fill(bytes, offset);
    for (let done = 0; done < length; ) {
      const from = (offset + done) % BLOCK;
      done += (await this.#block(offset + done - from)).copy(bytes, done, from);
    }
    return bytes;
  }

  async #block(offset: number): Promise<Buffer> {
    const known = this.#blocks.get(offset);
    if (known) return known;
    const block = await this.#fill(Buffer.allocUnsafe(Math.min(BLOCK, this.size - offset)), offset);
    if (this.#blocks.size >= MOST_BLOCKS) this.#blocks.clear();
    this.#blocks.set(offset, block);
    return block;
  }

  async #fill(bytes: Buffer, offset: number): Promise<Buffer> {
    for (let done = 0; done < bytes.length; ) {
      // read(2) returns at most 2 GiB at a time.
      const { bytesRead } = await this.#handle.read(bytes, done, Math.min(bytes.length - done, 1 << 30), offset + done);
      if (bytesRead === 0) throw new CheckpointError(`${this.path}: it was truncated while it was being read.`);
      done += bytesRead;
    }
    return bytes;
  }
}

/** The file system's refusal in words for the person who gave `path`. */
export function unreadable(path: string, cause: unknown): CheckpointError {
  if (cause instanceof FileRefused) return new CheckpointError(`${path}: ${cause.message}.`, { cause });
  const code = (cause as NodeJS.ErrnoException)?.code;
  const why =
    code === 'ENOENT' || code === 'ENOTDIR'
      ? 'there is no such file or folder. `easel models` lists those in models/.'
      : code === 'EACCES' || code === 'EPERM'
        ? 'reading it is not permitted. Check its access rights.'
        : code === 'ELOOP'
          ? 'its symbolic links lead in a circle.'
          : `it cannot be read (${code ?? cause}).`;
  return new CheckpointError(`${path}: ${why}`, { cause });
}
