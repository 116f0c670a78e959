import type { Weights } from '../checkpoint/tensor.js';

/** RRDBNet (Wang et al. 2018, ESRGAN; Real-ESRGAN): residual blocks of dense ones, then doublings. */
export interface RrdbConfig {
  readonly kind: 'rrdb';
  /** 3 times the square of {@link unshuffle}. */
  readonly inChannels: number;
  /** Squares of so many pixels a side become the channels of one, before anything else. */
  readonly unshuffle: number;
  readonly width: number;
  readonly growth: number;
  readonly blocks: number;
  /** Doublings. */
  readonly stages: number;
  readonly scale: number;
}

/** SRVGGNetCompact (Real-ESRGAN): convolutions with PReLU between them, added to the enlarged picture. */
export interface CompactConfig {
  readonly kind: 'compact';
  readonly inChannels: 3;
  readonly unshuffle: 1;
  readonly width: number;
  /** Convolutions between the first and the last. */
  readonly layers: number;
  readonly scale: number;
}

/** An upscaler's architecture. It makes both sides of a picture larger by `scale`. */
export type UpscalerConfig = RrdbConfig | CompactConfig;

/** An upscaler's file. */
export interface UpscalerFile {
  /** The path that was opened, links resolved. */
  readonly path: string;
  /** Of the file that was named, without its extension. */
  readonly name: string;
  readonly config: UpscalerConfig;
  readonly weights: Weights;
}
