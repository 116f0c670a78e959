/** What a picture takes, after it was encoded. */
type Part = 'step' | 'decode' | 'check';

/** How long parts took when they last ran, by pixel: what is left of later pictures is estimated from that. */
export class Pace {
  readonly #seconds = new Map<Part, number>();

  learn(part: Part, seconds: number, pixels: number): void {
    this.#seconds.set(part, seconds / pixels);
  }

  /** Undefined if it never ran. */
  seconds(part: Part, pixels: number): number | undefined {
    const each = this.#seconds.get(part);
    return each === undefined ? undefined : each * pixels;
  }
}
