/** Stores the bytes of files by id. Files never change. */
export interface Bytes {
  write(id: string, bytes: Uint8Array): Promise<void>;
  /** Null if there is no such file. */
  read(id: string): Promise<Uint8Array | null>;
  remove(id: string): void;
}

/** For a world that is not kept. */
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
