import { controlUnfit } from '../controlnet.js';
import { RequestError } from '../errors.js';
import { textOutput } from '../graph/text-encoder.js';
import type { OnNotice } from '../meaning.js';
import type { Networks, NoiseOptions, Posterior, Room, Tensor } from '../networks.js';
import type { Tile } from '../tile.js';
import type { Runner } from './half-session.js';
import { Recent } from './recent.js';
import type { Feeds, Output } from './session.js';

/** The networks that look at a picture's edges. */
export interface EdgeSessions {
  unet: Runner;
  decoder: Runner;
  encoder?: Runner;
}

export interface Sessions extends EdgeSessions {
  text: Runner;
  /** The UNet with inputs for what ControlNets found. Only one UNet is loaded: at full size there is no room for two. */
  controlled?: Runner;
  /** For pictures with edges that continue each other, where the model's graphs are built here. */
  tiled?: (tile: Tile) => EdgeSessions;
  /** Keys and values of the prompt, for a UNet that takes them. */
  context?: Runner;
  safety?: Runner;
}

/**
 * The networks as sessions of ONNX Runtime: graphs built here, or those of a diffusers ONNX folder. Inputs have the
 * same names in both; types and outputs are read from the session's metadata.
 */
export class SessionNetworks implements Networks {
  readonly #sessions: Sessions;
  readonly #notices: Parameters<OnNotice>[];
  /** Made when they are first asked for. */
  readonly #tiled = new Map<Tile, EdgeSessions>();
  /** Whether a notice has said that this UNet cannot subsample. */
  #toldWhole = false;
  /** Of prompts, by their tokens: 0.24 MB for 77 of them. */
  readonly #texts = new Recent<Tensor>(TEXTS);
  /** Keys and values of contexts: 15 MB for two times 77 tokens, as long as somebody has the context. */
  #keys = new WeakMap<Tensor, Feeds>();
  readonly embedImage?: (pixels: Tensor) => Promise<Tensor>;

  /** @param notices added to by the sessions; read by {@link takeNotices}. */
  constructor(
    sessions: Sessions,
    notices: Parameters<OnNotice>[] = [],
    readonly int8 = false,
    readonly room?: Room,
  ) {
    this.#sessions = sessions;
    this.#notices = notices;
    const { safety } = sessions;
    if (safety) this.embedImage = async (pixels) => only(await safety.run({ pixel_values: pixels }));
  }

  async encodeText(ids: Int32Array, rows: number, clipSkip = 1): Promise<Tensor> {
    const { text } = this.#sessions;
    const name = textOutput(clipSkip);
    const outputs = await text.outputNames();
    if (clipSkip !== 1 && !outputs.includes(name)) {
      throw new RequestError(
        `The text encoder of this model gives no layer that is number ${clipSkip} from the end: skip fewer, or none.`,
        { meaning: { code: 'clipSkip', values: { clipSkip } } },
      );
    }
    const feeds = { input_ids: { data: ids, shape: [rows, ids.length / rows] } };
    return this.#texts.get(`${clipSkip} ${rows} ${ids}`, async () =>
      only(await text.run(feeds, clipSkip === 1 ? undefined : [name])),
    );
  }

  async predictNoise(
    latents: Tensor,
    timesteps: Float32Array,
    context: Tensor,
    // The published distillations were trained with scales around 8.5 (Luo et al. 2023).
    { guidance = 8.5, subsample = false, residuals, tile }: NoiseOptions = {},
  ): Promise<Tensor> {
    const unet = await this.#unet(residuals !== undefined, tile);
    await unet.readyFor?.(latents.shape);
    if (subsample && !this.#toldWhole && !(await unet.inputShape('kv_stride'))) {
      this.#toldWhole = true;
      this.#notices.push(CANNOT_SUBSAMPLE);
    }
    const rows = latents.shape[0]!;
    const outputs = await unet.run({
      sample: latents,
      timestep: await this.#timestep(unet, timesteps),
      ...(await this.#heard(context)),
      guidance: { data: Float32Array.from({ length: rows }, (_, row) => scaleOf(guidance, row)), shape: [rows] },
      kv_stride: { data: Int32Array.of(subsample ? 2 : 1), shape: [1] },
      ...residuals,
    });
    return only(outputs);
  }

  async encodeImage(pictures: Tensor, tile?: Tile): Promise<Posterior> {
    const encoder = await this.#only('encoder', tile);
    if (!encoder) {
      throw new RequestError("This model's autoencoder has no encoder, so it cannot start from a picture.", {
        meaning: { code: 'noEncoder', values: {} },
      });
    }
    await encoder.readyFor?.(pictures.shape);
    const names = await encoder.outputNames();
    const feeds = { sample: pictures };
    if (!names.includes('mean')) return { mean: only(await encoder.run(feeds)), logvar: null };
    const { mean, logvar } = await encoder.run(feeds, ['mean', 'logvar']);
    return { mean: mean!, logvar: logvar! };
  }

  async decodeLatents(latents: Tensor, tile?: Tile): Promise<Tensor> {
    const decoder = (await this.#only('decoder', tile))!;
    await decoder.readyFor?.(latents.shape);
    return only(await decoder.run({ latent_sample: latents }));
  }

  async load(network: 'text' | 'unet' | 'decoder'): Promise<void> {
    if (network === 'unet') await this.#sessions.context?.outputNames();
    await this.#sessions[network].outputNames();
  }

  async releasePainter(): Promise<void> {
    this.#forget();
    await this.#sessions.context?.release();
    await this.#sessions.text.release();
    for (const unet of this.#unets) await unet.release();
  }

  takeNotices(): Parameters<OnNotice>[] {
    return this.#notices.splice(0);
  }

  async close(): Promise<void> {
    this.#forget();
    const { tiled: _, ...sessions } = this.#sessions;
    for (const each of [sessions, ...this.#tiled.values()]) {
      for (const session of Object.values(each)) await session.release();
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The context as the UNet takes it. */
  async #heard(context: Tensor): Promise<Feeds> {
    const session = this.#sessions.context;
    if (!session) return { encoder_hidden_states: { ...context, kept: true } };
    const known = this.#keys.get(context);
    if (known) return known;
    const found = await session.run({ encoder_hidden_states: context }, await session.outputNames());
    const keys = Object.fromEntries(Object.entries(found).map(([name, tensor]) => [name, { ...tensor, kept: true }]));
    this.#keys.set(context, keys);
    return keys;
  }

  #forget(): void {
    this.#texts.clear();
    this.#keys = new WeakMap();
  }

  async #unet(controlled: boolean, tile: Tile | undefined): Promise<Runner> {
    const unet = controlled ? this.#sessions.controlled : this.#edges(tile).unet;
    if (!unet) throw controlUnfit();
    for (const other of this.#unets) if (other !== unet) await other.release();
    return unet;
  }

  get #unets(): Runner[] {
    const { unet, controlled } = this.#sessions;
    return [unet, ...(controlled ? [controlled] : []), ...[...this.#tiled.values()].map((edges) => edges.unet)];
  }

  /** The one of these that is loaded. */
  async #only(network: 'decoder' | 'encoder', tile: Tile | undefined): Promise<Runner | undefined> {
    const wanted = this.#edges(tile);
    for (const other of [this.#sessions, ...this.#tiled.values()]) {
      if (other !== wanted) await other[network]?.release();
    }
    return wanted[network];
  }

  #edges(tile: Tile | undefined): EdgeSessions {
    if (tile === undefined) return this.#sessions;
    const { tiled } = this.#sessions;
    if (!tiled) throw tileUnfit();
    const edges = this.#tiled.get(tile) ?? tiled(tile);
    this.#tiled.set(tile, edges);
    return edges;
  }

  /** Some exports take one timestep for the whole batch. */
  async #timestep(unet: Runner, timesteps: Float32Array) {
    const shape = await unet.inputShape('timestep');
    if (shape?.length === 0) return { data: timesteps.subarray(0, 1), shape: [] };
    const rows = shape?.[0] === 1 ? 1 : timesteps.length;
    return { data: timesteps.subarray(0, rows), shape: [rows] };
  }
}

/** Enough for a grid of jobs with a prompt each. */
const TEXTS = 16;

function scaleOf(guidance: number | readonly number[], row: number): number {
  return typeof guidance === 'number' ? guidance : guidance[row]!;
}

function tileUnfit(): RequestError {
  return new RequestError(
    'This model is a folder of ONNX graphs, which paint no seamless tiles: they were exported with edges. Choose another model.',
    { meaning: { code: 'tileUnfit', values: {} } },
  );
}

function only(outputs: Record<string, Output>): Tensor {
  return Object.values(outputs)[0]!;
}

const CANNOT_SUBSAMPLE: Parameters<OnNotice> = [
  'Keys and values cannot be subsampled with this model on this device: the picture was painted without.',
  { code: 'cannotSubsample', values: {} },
];
