import type { AutoencoderConfig } from '../model.js';
import type { Assembly } from './assemble.js';

/** An autoencoder and its tensors by canonical name. `place` is the file or folder that messages name. */
export interface FoundAutoencoder {
  place: string;
  config: AutoencoderConfig;
  parts: Assembly;
  warnings: string[];
}
