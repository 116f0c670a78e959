/** The highlighted line of a list, by its content, so that it stays when other lines come and go. */
export class Highlight<T> {
  #marked: string | null = null;

  constructor(private readonly keyOf: (line: T) => string) {}

  clear(): void {
    this.#marked = null;
  }

  /** The index of the highlighted line; -1 if there is none, or it is gone. */
  placeIn(lines: readonly T[]): number {
    return this.#marked === null ? -1 : lines.findIndex((line) => this.keyOf(line) === this.#marked);
  }

  /** Highlights the next or previous line, wrapping around. @param from the index to start from if there is none. */
  move(lines: readonly T[], step: 1 | -1, from = -1): void {
    const place = this.placeIn(lines);
    const now = place < 0 ? from : place;
    const next = now < 0 && step < 0 ? lines.length - 1 : (now + step + lines.length) % Math.max(lines.length, 1);
    this.#marked = lines[next] ? this.keyOf(lines[next]) : null;
  }
}
