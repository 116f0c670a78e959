import type { GenerationParameters } from '../image/metadata/parameters.js';
import type { Pixels } from '../image/pixels.js';
import type { Tensor } from '../networks.js';

/** A picture's latents and everything needed to paint it again: what `output: 'latents'` gives. */
export interface PaintedLatents {
  /** [1, channels, h, w], as `decode` takes them, and `img2img` instead of a picture. */
  readonly latents: Tensor;
  /** Its own seed; null when the whole batch came from one generator. */
  readonly seed: number | null;
  readonly parameters: GenerationParameters;
}

/** A finished picture. */
export interface Picture extends PaintedLatents {
  readonly pixels: Pixels;
  /** The safety checker found something: the pixels are black, unless the request keeps them. */
  readonly flagged: boolean;
}

/** A finished picture, and what the decoder gave: what `output: 'tensor'` gives. */
export interface PictureWithTensor extends Picture {
  /**
   * [1, 3, h, w] in 0..1, as diffusers' output_type `pt` has it; its `np` has [1, h, w, 3]. Inpainting puts kept pixels back into
   * `pixels` only.
   */
  readonly tensor: Tensor;
}

export const OUTPUTS = ['pixels', 'tensor', 'latents'] as const;

/** What a request gives: pictures; with the decoder's numbers beside them; or latents, which were not decoded. */
export type Output = (typeof OUTPUTS)[number];

/** The part of a request from which its result's type is known. */
export interface Asks<O extends Output> {
  /**
   * `pixels` by default. `tensor` gives the decoder's numbers beside them; `latents` ends before they are decoded or checked. They are
   * diffusers' output_type `pil`, `pt` and `latent`.
   */
  output?: O | undefined;
}

/** What a call gives: one picture at least. */
export type AtLeastOne<T> = [T, ...T[]];

/** What a request gives, by its `output`. */
export type Painted<O extends Output> = O extends 'latents'
  ? PaintedLatents
  : O extends 'tensor'
    ? PictureWithTensor
    : Picture;
