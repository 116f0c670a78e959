import { readAutoencoder } from '../checkpoint/autoencoder-file.js';
import { CheckpointError } from '../errors.js';
import { CPU_FORMS } from '../graph/form.js';
import { buildTinyDecoder } from '../graph/tiny-autoencoder.js';
import type { Tensor } from '../networks.js';
import { type NetworksOptions, sessionOptions, TUNING } from './open.js';
import type { Provider } from './provider.js';
import { NetworkSession } from './session.js';

/** TAESD's decoder alone: latents [b, 4, h, w] in the sampler's scale to pictures [b, 3, H, W] about -1..1. */
export interface TinyDecoder {
  decode(latents: Tensor): Promise<Tensor>;
  release(): Promise<void>;
}

/** @throws CheckpointError unless it is a TAESD for latents of four channels. */
export async function tinyDecoderOn(
  provider: Provider,
  path: string,
  { threads, forms = CPU_FORMS }: NetworksOptions,
): Promise<TinyDecoder> {
  const { config, parts } = await readAutoencoder(path, 1);
  if (!config.tiny || config.latentChannels !== 4) {
    throw new CheckpointError(`${path}: this is not TAESD for Stable Diffusion 1.x or 2.x, which previews need.`);
  }
  const build = () => buildTinyDecoder(config, parts.weights, forms.float32);
  const session = new NetworkSession(
    `${path}: the decoder`,
    build,
    sessionOptions(provider, threads, TUNING.autoencoder),
  );
  return {
    decode: async (latents) => Object.values(await session.run({ latent_sample: latents }))[0]!,
    release: () => session.release(),
  };
}
