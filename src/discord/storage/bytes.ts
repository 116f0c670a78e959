/** Where the bytes of files are kept, by id. A file never changes. */
export interface Bytes {
  write(id: string, bytes: Uint8Array): Promise<void>;
  /** Null for one that is not there. */
  read(id: string): Promise<Uint8Array | null>;
  remove(id: string): void;
}

/** For a world that ends with the process. */
export class MemoryBytes implements Bytes {
  readonly #files = new Map<string, Uint8Array>();

  async write(id: string, bytes: Uint8Array): Promise<void> {
    this.#files.set(id, bytes);
  }

  async read(id: string): Promise<Uint8Array | null> {
    return this.get(id) ?? null;
  }

  get(id: string): Uint8Array | undefined {
    return this.#files.get(id);
  }

  remove(id: string): void {
    this.#files.delete(id);
  }
}
