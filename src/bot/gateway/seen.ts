/** Remembers the newest keys, so that what Discord sends twice, such as after a resume, is handled once. */
export class Seen {
  readonly #keys = new Set<string>();

  constructor(private readonly limit = 10_000) {}

  /** @returns whether it is new. */
  add(key: string): boolean {
    if (this.#keys.has(key)) return false;
    this.#keys.add(key);
    const [oldest] = this.#keys;
    if (this.#keys.size > this.limit) this.#keys.delete(oldest!);
    return true;
  }

  delete(key: string): void {
    this.#keys.delete(key);
  }
}
