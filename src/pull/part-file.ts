import { createHash, type Hash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { syncFolder, writeWhole } from '../engine/write-file.js';

/** What a part is of. One that is of something else is begun again. */
export interface PartOf {
  /** Where it comes from, without keys. */
  readonly from: string;
  /** Its SHA-256, or the Hub's hash of a small file. */
  readonly digest?: string;
  readonly size?: number;
}

const notes = z.object({
  from: z.string(),
  digest: z.string().optional(),
  size: z.number().optional(),
  etag: z.string().optional(),
});

const HEAD_BYTES = 512;

/**
 * A file while it arrives: its bytes in `NAME.part`, and in `NAME.part.json` what it is a part of and the ETag of the
 * answer it came with. Both stay when the process ends; the file gets its name once it is whole and its hash is right.
 * Bytes are written at their own offsets, so two processes that fetch the same file do each other no harm.
 */
export class PartFile {
  #hash: Hash = createHash('sha256');
  #head: Buffer = Buffer.alloc(0);

  private constructor(
    readonly path: string,
    readonly of: PartOf,
    readonly file: FileHandle,
    public size: number,
    public etag: string | undefined,
  ) {}

  /** The bytes that an earlier run left are kept if they are of the same thing. */
  static async open(path: string, of: PartOf): Promise<PartFile> {
    await mkdir(dirname(path), { recursive: true });
    const known = notes.safeParse(
      await readFile(`${path}.part.json`, 'utf8')
        .then(JSON.parse)
        .catch(() => null),
    ).data;
    const same = known && known.from === of.from && known.digest === of.digest && known.size === of.size;
    // A link that somebody put there would lead the bytes elsewhere.
    if ((await lstat(`${path}.part`).catch(() => null))?.isFile() === false)
      await rm(`${path}.part`, { recursive: false });
    const file = await open(`${path}.part`, constants.O_RDWR | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0), 0o644);
    const part = new PartFile(path, of, file, 0, same ? known.etag : undefined);
    try {
      if (same) await part.#readAgain();
      else await part.restart();
      return part;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** The first bytes, which tell a web page from weights. */
  get head(): Buffer {
    return this.#head;
  }

  async append(bytes: Uint8Array): Promise<void> {
    let at = 0;
    while (at < bytes.length) {
      const { bytesWritten } = await this.file.write(bytes, at, bytes.length - at, this.size + at);
      at += bytesWritten;
    }
    this.#take(bytes);
  }

  /** Forgets the bytes. */
  async restart(etag?: string): Promise<void> {
    await this.file.truncate(0);
    this.#hash = createHash('sha256');
    this.#head = Buffer.alloc(0);
    this.size = 0;
    this.etag = etag;
    await writeWhole(`${this.path}.part.json`, JSON.stringify({ ...this.of, etag }));
  }

  /** SHA-256 of all bytes. */
  sha256(): string {
    return this.#hash.copy().digest('hex');
  }

  /** What git calls a blob, which is how the Hub names small files. */
  async gitOid(): Promise<string> {
    return createHash('sha1')
      .update(`blob ${this.size}\0`)
      .update(await readFile(`${this.path}.part`))
      .digest('hex');
  }

  /** Gives the file its name. */
  async finish(): Promise<void> {
    await this.file.sync();
    await this.file.close();
    await rename(`${this.path}.part`, this.path);
    await rm(`${this.path}.part.json`, { force: true });
    await syncFolder(dirname(this.path));
  }

  /** Closes it; what has arrived stays for the next run. */
  async leave(): Promise<void> {
    await this.file.sync().catch(() => {});
    await this.file.close();
  }

  /** Removes what has arrived. */
  async discard(): Promise<void> {
    await this.file.close();
    await rm(`${this.path}.part`, { force: true });
    await rm(`${this.path}.part.json`, { force: true });
  }

  async #readAgain(): Promise<void> {
    const buffer = Buffer.alloc(1 << 20);
    for (;;) {
      const { bytesRead } = await this.file.read(buffer, 0, buffer.length, this.size);
      if (bytesRead === 0) return;
      this.#take(buffer.subarray(0, bytesRead));
    }
  }

  #take(bytes: Uint8Array): void {
    this.#hash.update(bytes);
    if (this.#head.length < HEAD_BYTES)
      this.#head = Buffer.concat([this.#head, bytes.subarray(0, HEAD_BYTES - this.#head.length)]);
    this.size += bytes.length;
  }
}
