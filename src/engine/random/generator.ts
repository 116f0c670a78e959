/** A stream of standard normal numbers. How a stream is cut into calls is part of it: two halves are not one whole. */
export interface Generator {
  /** The next `count` numbers, as torch.randn gives them for a tensor of that many elements. */
  randn(count: number): Float32Array;
}
