import type { OnNotice } from './meaning.js';
import type { Tile } from './tile.js';

/** Numbers with a shape, C order. Latents and pictures are [batch, channels, height, width]. */
export interface Tensor {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

/** Posterior of the autoencoder's encoder: both [b, latentChannels, h, w]; logvar clamped to -30..20. */
export interface Posterior {
  readonly mean: Tensor;
  /** Null when the graph draws the sample itself (ONNX folders): `mean` is then that sample. */
  readonly logvar: Tensor | null;
}

export interface NoiseOptions {
  /** The scale that models distilled with guidance (LCM) read, for all rows or one a row; others ignore it. */
  readonly guidance?: number | readonly number[];
  /**
   * Take self-attention's keys and values from a quarter of the places, where features are largest: less work, and
   * nearly the same picture (Smith et al. 2024, arXiv:2402.13573). Where the network cannot, it runs whole and a notice
   * says so.
   */
  readonly subsample?: boolean;
  /** Whether the first half of the rows is without the prompt. */
  readonly guided?: boolean;
  /** Edges of the picture that continue each other. */
  readonly tile?: Tile | undefined;
  /** What ControlNets found, by the UNet's inputs: residual.0 to residual.n and residual.mid, each [b, c, h, w]. */
  readonly residuals?: Readonly<Record<string, Tensor>>;
}

/** What pictures take in memory, in bytes. */
export interface Room {
  /** What one picture of this size takes at least. @param encodes whether it starts from another. */
  needed(width: number, height: number, encodes: boolean): number;
  /** What there is for it. */
  available(): number;
  /** Whether the noise predictor can take so many rows at once, for latents [rows, channels, h, w]. */
  takes(latents: readonly number[]): boolean;
}

/**
 * The networks of Stable Diffusion, no matter what runs them. Sessions are created at the first call, kept, and released by
 * `close`. Calls must not overlap.
 */
export interface Networks extends AsyncDisposable {
  /**
   * Computes in int8. Values of one run then share their scale: only rows of one picture may be in it, or a picture would
   * depend on those beside it.
   */
  readonly int8?: boolean;
  /** Undefined where it is not known, as on GPUs. */
  readonly room?: Room | undefined;
  /**
   * @param ids [rows, tokens], row by row.
   * @param clipSkip 1 = last layer; n = the n-th layer from the end, then the final layer norm.
   * @returns [rows, tokens, width]
   */
  encodeText(ids: Int32Array, rows: number, clipSkip?: number): Promise<Tensor>;
  /**
   * The model's raw output (epsilon or v) for latents [b, c, h, w], one timestep per row, context [b, tokens, width]. What
   * depends on the context only is computed once for each tensor: pass the same one in every step, and do not change it.
   */
  predictNoise(latents: Tensor, timesteps: Float32Array, context: Tensor, options?: NoiseOptions): Promise<Tensor>;
  /**
   * Pictures [b, 3, H, W] in -1..1 to the posterior. @param tile edges that continue each other.
   * @throws RequestError if the model has no encoder.
   */
  encodeImage(pictures: Tensor, tile?: Tile): Promise<Posterior>;
  /** Latents that were divided by the scaling factor, to pictures [b, 3, H, W] about -1..1. @param tile as above. */
  decodeLatents(latents: Tensor, tile?: Tile): Promise<Tensor>;
  /** Pixel values [b, 3, 224, 224] to CLIP image embeddings [b, width]; undefined without a safety checker. */
  readonly embedImage?: (pixels: Tensor) => Promise<Tensor>;
  /** Creates a session before it is first needed. */
  load(network: 'text' | 'unet' | 'decoder'): Promise<void>;
  /** Releases the sessions that LoRAs change, the text encoder's and the noise predictor's; the next call creates them again. */
  releasePainter(): Promise<void>;
  /** Notices for the person who paints: each is returned once. */
  takeNotices(): Parameters<OnNotice>[];
  close(): Promise<void>;
}
