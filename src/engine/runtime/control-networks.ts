import type { ControlNet } from '../controlnet.js';
import { EaselError } from '../errors.js';
import { buildControlHint, buildControlNet } from '../graph/controlnet.js';
import type { Quantize } from '../graph/form.js';
import type { Tensor } from '../networks.js';
import { heldBytes } from './needs.js';
import { Network } from './network.js';
import type { Runtime } from './runtime.js';
import { TUNING } from './tuning.js';

export interface ControlNetworksOptions {
  /** Computes in int8 as its model does: then only rows of one picture may be in a run. */
  int8?: Quantize | undefined;
  /** Called once, when it is released. */
  onReleased?: (released: ControlNetworks) => void;
}

/** A ControlNet's two networks, in its model's runtime. Sessions are created at the first call, kept, and released by `release`, for good. */
export class ControlNetworks {
  readonly #hint: Network;
  readonly #net: Network;
  readonly #onReleased: ControlNetworksOptions['onReleased'];
  readonly #way: 'int8' | 'packed';
  #released = false;
  #ran = false;

  constructor(
    readonly net: ControlNet,
    runtime: Runtime,
    { int8, onReleased }: ControlNetworksOptions = {},
  ) {
    this.#onReleased = onReleased;
    this.#way = int8 ? 'int8' : 'packed';
    const { path, config, weights } = net;
    const label = `${path}: the ControlNet`;
    const form = runtime.forms.float32;
    const own = int8 ? { ...form, int8 } : form;
    this.#hint = new Network(runtime, label, () => buildControlHint(config, weights, form), TUNING.context);
    const tuning = int8 ? TUNING.int8 : TUNING.unet;
    this.#net = new Network(runtime, label, () => buildControlNet(config, weights, own), tuning);
  }

  /** How many pixels of its picture are one latent. */
  get factor(): number {
    return 2 ** (this.net.config.hintWidths.length - 1);
  }

  /** Bytes that its first run will take and keep; 0 from then on, when they are no longer free. */
  get bytesToCome(): number {
    return this.#ran ? 0 : heldBytes(this.net.weights, this.#way);
  }

  /** @param picture [1, 3, H, W] in 0..1. @returns what {@link residuals} takes: [1, width, h, w]. */
  async hint(picture: Tensor): Promise<Tensor> {
    this.#requireOpen();
    const { hint } = await this.#hint.run({ picture });
    return hint!;
  }

  /**
   * What is added to the UNet's features, by its inputs' names.
   *
   * @param latents [b, c, h, w]. @param timesteps [b]. @param context [b, tokens, width].
   */
  async residuals(
    latents: Tensor,
    timesteps: Float32Array,
    context: Tensor,
    hint: Tensor,
  ): Promise<Record<string, Tensor>> {
    this.#requireOpen();
    const timestep = { data: timesteps, shape: [timesteps.length] };
    const feeds = { sample: latents, timestep, encoder_hidden_states: context, hint };
    const found = await this.#net.run(feeds);
    this.#ran = true;
    return found;
  }

  /** Frees its memory; a request that names it afterwards throws. Safe to call twice. */
  async release(): Promise<void> {
    if (this.#released) return;
    this.#released = true;
    this.#onReleased?.(this);
    await this.#hint.release();
    await this.#net.release();
  }

  #requireOpen(): void {
    if (this.#released) throw new EaselError(`${this.net.path} was released: open it again with openControlNet.`);
  }
}
