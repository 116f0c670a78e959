/** Which line of a list is marked: by what it is, so that it stays when other lines come and go. */
export class Highlight<T> {
  #marked: string | null = null;

  constructor(private readonly keyOf: (line: T) => string) {}

  clear(): void {
    this.#marked = null;
  }

  /** Where the marked line is; -1 if none is marked, or it is gone. */
  placeIn(lines: readonly T[]): number {
    return this.#marked === null ? -1 : lines.findIndex((line) => this.keyOf(line) === this.#marked);
  }

  /** Marks the next line or the previous one, around the ends. @param from what counts as marked while none is. */
  move(lines: readonly T[], step: 1 | -1, from = -1): void {
    const place = this.placeIn(lines);
    const now = place < 0 ? from : place;
    const next = now < 0 && step < 0 ? lines.length - 1 : (now + step + lines.length) % Math.max(lines.length, 1);
    this.#marked = lines[next] ? this.keyOf(lines[next]) : null;
  }
}
