const { fround, sqrt } = Math;

/**
 * Turns 16 uniform float32 numbers of [0, 1) at `at` into 16 normal ones, in place: the first eight are radii, the last
 * eight angles (Box & Muller 1958). The roundings are those of PyTorch's AVX2 code (aten/src/ATen/native/cpu: Cephes'
 * single-precision log and sincos, eight lanes wide), so that the bits are the same on every machine.
 */
export function boxMuller16(values: Float32Array, at: number): void {
  for (let j = at; j < at + 8; j++) {
    const radius = fround(sqrt(fround(-2 * log(fround(1 - values[j]!)))));
    const angle = fround(TWO_PI * values[j + 8]!);
    const octant = (Math.trunc(fround(angle * FOUR_OVER_PI)) + 1) & ~1;
    // Cody-Waite: pi/4 in three parts, so that the remainder keeps its low bits.
    let x = fma(octant, PI_4_HIGH, angle);
    x = fma(octant, PI_4_MIDDLE, x);
    x = fma(octant, PI_4_LOW, x);
    const [sine, cosine] = octant & 2 ? [cosPolynomial(x), sinPolynomial(x)] : [sinPolynomial(x), cosPolynomial(x)];
    values[j] = radius * ((octant - 2) & 4 ? cosine : -cosine);
    values[j + 8] = radius * (octant & 4 ? -sine : sine);
  }
}

const TWO_PI = fround(2 * Math.PI);
const FOUR_OVER_PI = fround(4 / Math.PI);
const PI_4_HIGH = fround(-0.78515625);
const PI_4_MIDDLE = fround(-2.4187564849853516e-4);
const PI_4_LOW = fround(-3.774894977445941e-8);

/** A product of float32 numbers is exact in float64; the sum is then rounded twice, which differs from once too rarely to be seen. */
function fma(a: number, b: number, c: number): number {
  return fround(a * b + c);
}

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/** Cephes' logf, x in (0, 1]. */
function log(x: number): number {
  float[0] = x;
  let exponent = (bits[0]! >>> 23) - 126;
  bits[0] = (bits[0]! & 0x807fffff) | 0x3f000000;
  let m = float[0];
  if (m < SQRT_HALF) {
    exponent -= 1;
    m = fround(fround(m - 1) + m);
  } else {
    m = fround(m - 1);
  }
  const z = fround(m * m);
  let y = LOG[0]!;
  for (let k = 1; k < LOG.length; k++) y = fma(y, m, LOG[k]!);
  y = fround(y * m);
  y = fma(y, z, fround(exponent * LN_2_LOW));
  y = fround(y - 0.5 * z);
  return fma(exponent, LN_2_HIGH, fround(m + y));
}

const SQRT_HALF = fround(Math.SQRT1_2);
const LN_2_HIGH = fround(0.693359375);
const LN_2_LOW = fround(-2.1219444e-4);
const LOG = new Float32Array([
  7.0376836292e-2, -1.151461031e-1, 1.167699874e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
  2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
]);

function cosPolynomial(x: number): number {
  const z = fround(x * x);
  let c = fma(COS_6, z, COS_4);
  c = fma(c, z, COS_2);
  c = fround(c * z);
  return fround(fround(c * z - fround(0.5 * z)) + 1);
}

const COS_6 = fround(2.443315711809948e-5);
const COS_4 = fround(-1.388731625493765e-3);
const COS_2 = fround(4.166664568298827e-2);

function sinPolynomial(x: number): number {
  const z = fround(x * x);
  let s = fma(SIN_7, z, SIN_5);
  s = fma(s, z, SIN_3);
  return fma(fround(s * z), x, x);
}

const SIN_7 = fround(-1.9515295891e-4);
const SIN_5 = fround(8.3321608736e-3);
const SIN_3 = fround(-1.6666654611e-1);
