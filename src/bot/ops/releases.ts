/** Things to release, in reverse order; if one fails, the others are still released. */
export class Releases {
  readonly #releases: (() => unknown)[] = [];

  defer(release: () => unknown): void {
    this.#releases.push(release);
  }

  /** @throws AggregateError of the failures. */
  async all(): Promise<void> {
    const errors: unknown[] = [];
    for (const release of this.#releases.splice(0).reverse()) {
      try {
        await release();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, 'Not everything could be released.');
  }
}
