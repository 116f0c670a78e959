import { readAutoencoder } from '../checkpoint/autoencoder-file.js';
import { CheckpointError } from '../errors.js';
import { buildTinyDecoder } from '../graph/tiny-autoencoder.js';
import type { Tensor } from '../networks.js';
import { Network } from './network.js';
import type { Runtime } from './runtime.js';
import { TUNING } from './tuning.js';

/** TAESD's decoder alone: latents [b, 4, h, w] in the sampler's scale to pictures [b, 3, H, W] about -1..1. */
export interface TinyDecoder {
  decode(latents: Tensor): Promise<Tensor>;
  release(): Promise<void>;
}

/** @throws CheckpointError unless it is a TAESD for latents of four channels. */
export async function tinyDecoderOn(runtime: Runtime, path: string): Promise<TinyDecoder> {
  const { config, parts } = await readAutoencoder(path, 1);
  if (!config.tiny || config.latentChannels !== 4) {
    throw new CheckpointError(`${path}: this is not TAESD for Stable Diffusion 1.x or 2.x, which previews need.`);
  }
  const build = () => buildTinyDecoder(config, parts.weights, runtime.forms.float32);
  const network = new Network(runtime, `${path}: the decoder`, build, TUNING.autoencoder);
  return {
    decode: async (latents) => Object.values(await network.run({ latent_sample: latents }))[0]!,
    release: () => network.release(),
  };
}
