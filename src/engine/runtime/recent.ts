/** The results of the last few different calls, by key; the one that was unused for longest is forgotten first. */
export class Recent<T> {
  readonly #most: number;
  readonly #results = new Map<string, T>();

  constructor(most: number) {
    this.#most = most;
  }

  /** @param make is called if there is no result for the key. Nothing is kept of a call that fails. */
  async get(key: string, make: () => Promise<T>): Promise<T> {
    const result = this.#results.get(key) ?? (await make());
    this.#results.delete(key);
    this.#results.set(key, result);
    if (this.#results.size > this.#most) this.#results.delete(this.#results.keys().next().value!);
    return result;
  }

  clear(): void {
    this.#results.clear();
  }
}
