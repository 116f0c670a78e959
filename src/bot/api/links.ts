import { randomBytes } from 'node:crypto';

/** Milliseconds that a picture is there, as with OpenAI. */
const LIFETIME = 60 * 60 * 1000;
/** Most bytes of all; the oldest go first. */
const MOST = 64 * 2 ** 20;

export interface LinkedFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly type: string;
}

/** Pictures that can be fetched for a while by whoever has the address, which nobody can guess. Kept in memory. */
export class Links {
  readonly #files = new Map<string, LinkedFile & { readonly until: number }>();
  #bytes = 0;

  constructor(
    private readonly now: () => number = Date.now,
    private readonly most = MOST,
  ) {}

  /** @returns the last part of its address. */
  add(file: LinkedFile): string {
    const name = randomBytes(16).toString('hex');
    this.#files.set(name, { ...file, until: this.now() + LIFETIME });
    this.#bytes += file.bytes.length;
    for (const [oldest, { until }] of this.#files) {
      if (oldest === name || (this.#bytes <= this.most && until > this.now())) break;
      this.#drop(oldest);
    }
    return name;
  }

  get(name: string): LinkedFile | undefined {
    const file = this.#files.get(name);
    if (file && file.until <= this.now()) this.#drop(name);
    return this.#files.get(name);
  }

  get bytes(): number {
    return this.#bytes;
  }

  #drop(name: string): void {
    this.#bytes -= this.#files.get(name)?.bytes.length ?? 0;
    this.#files.delete(name);
  }
}
