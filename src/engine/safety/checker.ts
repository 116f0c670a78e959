import type { Pixels } from '../image/pixels.js';
import type { Tensor } from '../networks.js';
import { preprocess } from './preprocess.js';

/** The safety checker's own tensors (CompVis/stable-diffusion-safety-checker), apart from its vision tower. */
export interface Concepts {
  /** `concept_embeds` [17, width]: any of them near enough makes a picture unsafe. */
  readonly concepts: Float32Array;
  /** `concept_embeds_weights` [17]: from which cosine on. */
  readonly conceptThresholds: Float32Array;
  /** `special_care_embeds` [3, width]: near one of them, every threshold falls by 0.01. */
  readonly specialCare: Float32Array;
  /** `special_care_embeds_weights` [3] */
  readonly specialCareThresholds: Float32Array;
}

/** Tells pictures that may not be safe for work, as the reference's txt2img does. */
export class SafetyChecker {
  readonly #embed: (pixels: Tensor) => Promise<Tensor>;
  readonly #concepts: Concepts;

  /** @param embed pixel values [b, 3, 224, 224] to image embeddings [b, width]: `Networks.embedImage`. */
  constructor(embed: (pixels: Tensor) => Promise<Tensor>, concepts: Concepts) {
    this.#embed = embed;
    this.#concepts = concepts;
  }

  /** @returns one value per picture: true if it should not be shown. */
  async check(pictures: readonly Pixels[]): Promise<boolean[]> {
    if (pictures.length === 0) return [];
    const { data, shape } = await this.#embed(preprocess(pictures));
    const width = shape[1]!;
    return pictures.map((_, row) => isUnsafe(data.subarray(row * width, (row + 1) * width), this.#concepts));
  }
}

/** @param embedding of one picture, [width]. */
export function isUnsafe(embedding: Float32Array, concepts: Concepts): boolean {
  return scores(embedding, concepts).concepts.some((score) => score > 0);
}

/**
 * By how much each cosine exceeds its threshold, to three decimals: an excess below 0.0005 counts as none. Special care
 * alone makes no picture unsafe.
 */
export function scores(embedding: Float32Array, concepts: Concepts): { specialCare: number[]; concepts: number[] } {
  let adjustment = 0;
  const excess = (of: Float32Array, thresholds: Float32Array, k: number) =>
    round3(
      cosine(embedding, of.subarray(k * embedding.length, (k + 1) * embedding.length)) - thresholds[k]! + adjustment,
    );

  const specialCare: number[] = [];
  for (let k = 0; k < concepts.specialCareThresholds.length; k++) {
    const score = excess(concepts.specialCare, concepts.specialCareThresholds, k);
    specialCare.push(score);
    // Holds for the special concepts that follow, too.
    if (score > 0) adjustment = 0.01;
  }
  const found = Array.from(concepts.conceptThresholds, (_, k) =>
    excess(concepts.concepts, concepts.conceptThresholds, k),
  );
  return { specialCare, concepts: found };
}

function cosine(a: Float32Array, b: Float32Array): number {
  let [dot, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    dot += a[i]! * b[i]!;
    aa += a[i]! * a[i]!;
    bb += b[i]! * b[i]!;
  }
  return Math.fround(dot / (Math.max(Math.sqrt(aa), 1e-12) * Math.max(Math.sqrt(bb), 1e-12)));
}

/** Python's round(x, 3). */
function round3(x: number): number {
  return Number(x.toFixed(3));
}
