const S = Math.SQRT1_2;

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Half the width and height each. a: low both ways; b: high along rows; c: high along columns; d: high both ways. */
export interface Bands {
  a: Float64Array;
  b: Float64Array;
  c: Float64Array;
  d: Float64Array;
}

// Every product and sum below is rounded on its own, in this order: the watermark cuts the result off to bytes.

/** One level of the 2-D Haar transform, columns first. */
export function haar(plane: Float64Array, { width, height }: Size): Bands {
  const count = (width * height) / 4;
  const [a, b, c, d] = [0, 1, 2, 3].map(() => new Float64Array(count)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  for (let to = 0, y = 0; y < height; y += 2) {
    for (let x = 0; x < width; x += 2, to++) {
      const at = y * width + x;
      const [p, q, r, s] = [plane[at]!, plane[at + 1]!, plane[at + width]!, plane[at + width + 1]!];
      const [lowLeft, lowRight] = [S * r + S * p, S * s + S * q];
      const [highLeft, highRight] = [-S * r + S * p, -S * s + S * q];
      a[to] = S * lowRight + S * lowLeft;
      b[to] = -S * lowRight + S * lowLeft;
      c[to] = S * highRight + S * highLeft;
      d[to] = -S * highRight + S * highLeft;
    }
  }
  return { a, b, c, d };
}

/** Back, rows first, but with b and c exchanged: a slip of the package that its marks depend on. */
export function inverseHaar({ a, b, c, d }: Bands, { width, height }: Size): Float64Array {
  const plane = new Float64Array(width * height);
  for (let from = 0, y = 0; y < height; y += 2) {
    for (let x = 0; x < width; x += 2, from++) {
      const at = y * width + x;
      const [lowLeft, lowRight] = [S * a[from]! + S * c[from]!, S * a[from]! - S * c[from]!];
      const [highLeft, highRight] = [S * b[from]! + S * d[from]!, S * b[from]! - S * d[from]!];
      plane[at] = S * lowLeft + S * highLeft;
      plane[at + 1] = S * lowRight + S * highRight;
      plane[at + width] = S * lowLeft - S * highLeft;
      plane[at + width + 1] = S * lowRight - S * highRight;
    }
  }
  return plane;
}
