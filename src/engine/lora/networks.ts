import { RequestError } from '../errors.js';
import type { OnNotice } from '../meaning.js';
import type { Model } from '../model.js';
import type { Networks, NoiseOptions, Posterior, Room, Tensor } from '../networks.js';
import type { Host } from '../runtime/native-session.js';
import { Serial } from '../serial.js';
import type { LoraTag } from '../text/prompt.js';
import type { Tile } from '../tile.js';
import { findLora } from './find.js';
import { withLora } from './merge.js';

/**
 * A model's networks with the LoRAs that the current prompt asks for. Only the text encoder and the noise predictor change
 * with them. Only one version of their weights is loaded at a time: at full size there is no room for two.
 */
export class LoraNetworks implements Networks {
  readonly #model: Model;
  readonly #open: (model: Model) => Networks;
  readonly #base: Networks;
  readonly #folders: readonly string[] | undefined;
  readonly #host: Host | undefined;
  /** The base, or the networks of the merged model. */
  #painter: Networks;
  /** The model of the current painter. */
  #current: Model;
  /** Notices about it. */
  #warnings: readonly string[] = [];
  /** Of painters: one at a time. */
  readonly #changes = new Serial();
  /** The LoRAs in the current painter; empty for the base. */
  #merged = '';
  readonly embedImage?: (pixels: Tensor) => Promise<Tensor>;
  readonly int8: boolean;
  readonly room: Room | undefined;

  /**
   * @param open must not create a session before it is needed.
   * @param folders with LoRA files; see {@link findLora}.
   * @param host where LoRAs are merged; this thread by default.
   */
  constructor(model: Model, open: (model: Model) => Networks, folders?: readonly string[], host?: Host) {
    this.#host = host;
    this.#model = model;
    this.#open = open;
    this.#base = open(model);
    this.int8 = this.#base.int8 ?? false;
    this.room = this.#base.room;
    this.#painter = this.#base;
    this.#current = model;
    this.#folders = folders;
    if (this.#base.embedImage) this.embedImage = this.#base.embedImage;
  }

  /** The model with the LoRAs that are in use. */
  get model(): Model {
    return this.#current;
  }

  /**
   * Paints with these LoRAs from now on. The weights of several tags with one name add up. At full size this takes seconds
   * if they differ from those before.
   *
   * @returns notices, each time: parts of a file that do not fit this model.
   * @throws RequestError if there is no such file or the model cannot use LoRAs; CheckpointError if the file is not a LoRA for it.
   */
  use(tags: readonly LoraTag[]): Promise<readonly string[]> {
    return this.#changes.run(() => this.#change(tags));
  }

  async #change(tags: readonly LoraTag[]): Promise<readonly string[]> {
    const added = new Map<string, LoraTag>();
    for (const { name, weight, textWeight } of tags) {
      const before = added.get(name) ?? { weight: 0, textWeight: 0 };
      added.set(name, { name, weight: before.weight + weight, textWeight: before.textWeight + textWeight });
    }
    const wanted = [...added.values()]
      .filter(({ weight, textWeight }) => weight !== 0 || textWeight !== 0)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const key = JSON.stringify(wanted);
    if (key === this.#merged || (wanted.length === 0 && this.#painter === this.#base)) return this.#warnings;
    if (wanted.length > 0 && this.#model.kind === 'onnx') {
      throw new RequestError(
        'This model is a folder of ONNX graphs, which LoRAs cannot be merged into. Choose another model.',
        { meaning: { code: 'loraUnfit', values: {} } },
      );
    }
    const files = await Promise.all(
      wanted.map(async ({ name, ...weights }) => ({ file: await findLora(name, this.#folders), ...weights })),
    );
    await this.releasePainter();
    this.#painter = this.#base;
    this.#current = this.#model;
    this.#merged = '';
    this.#warnings = [];
    if (this.#model.kind === 'onnx' || files.length === 0) return [];
    const merged = await withLora(this.#model, files, this.#host);
    this.#painter = this.#open(merged);
    this.#current = merged;
    this.#merged = key;
    this.#warnings = merged.warnings.slice(this.#model.warnings.length);
    return this.#warnings;
  }

  encodeText(ids: Int32Array, rows: number, clipSkip?: number): Promise<Tensor> {
    return this.#painter.encodeText(ids, rows, clipSkip);
  }

  predictNoise(latents: Tensor, timesteps: Float32Array, context: Tensor, options?: NoiseOptions): Promise<Tensor> {
    return this.#painter.predictNoise(latents, timesteps, context, options);
  }

  encodeImage(pictures: Tensor, tile?: Tile): Promise<Posterior> {
    return this.#base.encodeImage(pictures, tile);
  }

  decodeLatents(latents: Tensor, tile?: Tile): Promise<Tensor> {
    return this.#base.decodeLatents(latents, tile);
  }

  load(network: 'text' | 'unet' | 'decoder'): Promise<void> {
    return (network === 'decoder' ? this.#base : this.#painter).load(network);
  }

  releasePainter(): Promise<void> {
    return this.#painter.releasePainter();
  }

  takeNotices(): Parameters<OnNotice>[] {
    return [...new Set([this.#base, this.#painter])].flatMap((networks) => networks.takeNotices());
  }

  async close(): Promise<void> {
    await this.#painter.close();
    await this.#base.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
