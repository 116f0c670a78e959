import { abortable } from './abortable.js';
import { listenedTo } from './callbacks.js';
import { wholeInRange } from './check.js';
import { openControlNet } from './checkpoint/controlnet.js';
import { openModel } from './checkpoint/open.js';
import type { OpenModelOptions } from './checkpoint/options.js';
import { readValues } from './checkpoint/values.js';
import { type CallOptions, Company } from './company.js';
import { controlUnfit } from './controlnet.js';
import { EaselError } from './errors.js';
import type { Pixels } from './image/pixels.js';
import { LoraNetworks } from './lora/networks.js';
import { recipeFor } from './lora/recipe.js';
import type { Model, ModelCard } from './model.js';
import type { Networks, Tensor } from './networks.js';
import { blend } from './pipeline/blend.js';
import { conditionWith } from './pipeline/condition.js';
import { type Embeddings, type EncodeRequest, encodePrompt } from './pipeline/encode-prompt.js';
import type { Engine } from './pipeline/engine.js';
import { img2img } from './pipeline/img2img.js';
import { inpaint } from './pipeline/inpaint.js';
import { decode, encode } from './pipeline/latents.js';
import { outpaint } from './pipeline/outpaint.js';
import { Pace } from './pipeline/pace.js';
import type { Asks, Output, Painted, Picture } from './pipeline/picture.js';
import { placeOf } from './pipeline/place.js';
import { hasSd1Latents } from './pipeline/preview-matrix.js';
import type { PaintOptions } from './pipeline/progress.js';
import type {
  BlendRequest,
  Img2ImgRequest,
  InpaintRequest,
  OutpaintRequest,
  PipelineRequest,
  Txt2ImgRequest,
  UpscaleRequest,
} from './pipeline/request.js';
import { requireRoom } from './pipeline/require-room.js';
import { txt2img } from './pipeline/txt2img.js';
import { upscale } from './pipeline/upscale.js';
import { withPrediction } from './prediction.js';
import type { Generator } from './random/generator.js';
import { BatchedNetworks } from './runtime/batched-networks.js';
import { ControlNetworks, type ControlNetworksOptions } from './runtime/control-networks.js';
import { Memory } from './runtime/memory.js';
import { networksOn, quantizerFor, type RuntimeOptions } from './runtime/open.js';
import type { Provider } from './runtime/provider.js';
import { openRuntime, type Runtime } from './runtime/runtime.js';
import { withTile } from './runtime/tiled-networks.js';
import { tinyDecoderOn } from './runtime/tiny-decoder.js';
import { SafetyChecker } from './safety/checker.js';
import { samplerNamed } from './samplers/names.js';
import type { Tile } from './tile.js';

export interface OpenOptions extends RuntimeOptions, OpenModelOptions {
  /** Folders of LoRA files, for `<lora:name:weight>` in prompts; models/lora by default. */
  loras?: readonly string[];
  /** A TAESD file or folder for previews; used where the model's latents are Stable Diffusion 1.x's. */
  previewVae?: string;
  /**
   * Pictures that may be painted at the same time, 1..16; 1 by default, and `auto` is 4 on GPUs. Requests of one size and with the same LoRAs then
   * share the noise predictor's runs, join between two steps, and end as they would alone. Models in int8 and folders of
   * ONNX graphs paint one request at a time whatever this is.
   */
  batch?: number | 'auto';
}

/** Most of {@link OpenOptions.batch}. */
export const MAX_BATCH = 16;
/** On a processor, a batch takes as long as its pictures one by one (docs/performance.md). */
const GPU_BATCH = 4;

/**
 * Stable Diffusion, ready to paint. Calls run one after another, or with {@link OpenOptions.batch} neighbours that suit
 * each other at the same time; `close` when done.
 *
 * @example
 * await using sd = await StableDiffusion.open(EMBEDDED_MODEL);
 * const [picture] = await sd.txt2img({ prompt: 'a red apple', seed: 42 });
 */
export class StableDiffusion implements AsyncDisposable {
  readonly #engine: Engine;
  readonly #calls: Company;
  /** The engine for each kind of seamless tiles. */
  readonly #tilers = new Map<Tile, Engine>();
  /** Open ones. */
  readonly #controls = new Set<ControlNetworks>();
  #closed?: Promise<void>;

  readonly #loras: readonly string[] | undefined;

  private constructor(
    engine: Engine,
    loras: readonly string[] | undefined,
    /** Pictures that may be painted at the same time: 1 where the model or the device cannot do more. */
    readonly batch: number,
    /** Opens a ControlNet on the model's device. */
    private readonly control: (path: string, options: ControlNetworksOptions) => Promise<ControlNetworks>,
    private readonly runtime: Runtime,
  ) {
    this.#engine = engine;
    this.#loras = loras;
    this.#calls = new Company(batch);
  }

  /**
   * Opens a .ckpt, a .safetensors, a diffusers folder or a diffusers ONNX folder. Weights are mapped when first used; a
   * file of SD 2.x that does not say what it predicts is asked by running its noise predictor once.
   *
   * @throws CheckpointError if it cannot be read or is not Stable Diffusion; EaselError if the device cannot be used.
   */
  static async open(path: string, options: OpenOptions = {}): Promise<StableDiffusion> {
    const opened = await openModel(path, options);
    const runtime = await openRuntime(options, headSizeOf(opened));
    try {
      return await StableDiffusion.#openIn(runtime, opened, options);
    } catch (error) {
      await runtime.close();
      throw error;
    }
  }

  static async #openIn(runtime: Runtime, opened: Model, options: OpenOptions): Promise<StableDiffusion> {
    const { provider, forms, host } = runtime;
    // Networks with LoRAs share it with those without.
    const memory = new Memory(options.freeMemory);
    const on = { ...options, memory, forms, host };
    const painters = new LoraNetworks(opened, (merged) => networksOn(provider, merged, on), options.loras, host);
    const model = opened.kind === 'weights' ? await withPrediction(opened, painters) : opened;
    const batch = batchOf(options.batch ?? 1, provider, model, painters);
    const networks = batch > 1 ? new BatchedNetworks(painters) : painters;
    const { previewVae } = options;
    const tinyDecoder =
      previewVae !== undefined && hasSd1Latents(model) ? await tinyDecoderOn(runtime, previewVae) : undefined;
    const control = async (file: string, own: ControlNetworksOptions) => {
      if (model.kind === 'onnx') throw controlUnfit();
      const int8 = quantizerFor(provider, model, options);
      return new ControlNetworks(await openControlNet(file, model.unet), runtime, { ...own, int8 });
    };
    return new StableDiffusion(
      {
        model,
        networks,
        safety: await safetyOf(model, networks),
        tinyDecoder,
        pace: new Pace(),
        condition: await conditionWith(model, networks, painters),
      },
      options.loras,
      batch,
      control,
      runtime,
    );
  }

  get model(): Model {
    return this.#engine.model;
  }

  /**
   * The model's card; where these prompts, with `weighted` syntax, name a LoRA that was distilled to few steps, with the
   * steps, scale and sampler for it. These are the defaults of a request.
   */
  async advise(prompts: readonly string[]): Promise<ModelCard> {
    return { ...this.model.card, ...(await recipeFor(prompts, this.#loras)) };
  }

  /**
   * Creates the sessions that a picture needs, one after the other, so that the first picture need not wait for them. A call
   * that comes in between is next. At full size this takes seconds, and the memory that painting takes anyway.
   */
  async warm(): Promise<void> {
    for (const network of ['text', 'unet', 'decoder'] as const) {
      await this.#next(() => this.#engine.networks.load(network));
    }
  }

  /** @throws RequestError for an invalid request; the signal's reason when it aborts; EaselError after `close`. */
  txt2img<O extends Output = 'pixels'>(
    request: Txt2ImgRequest & Asks<O>,
    options?: PaintOptions,
  ): Promise<Painted<O>[]> {
    return this.#paint(request, txt2img, options);
  }

  img2img<O extends Output = 'pixels'>(
    request: Img2ImgRequest & Asks<O>,
    options?: PaintOptions,
  ): Promise<Painted<O>[]> {
    return this.#paint(request, img2img, options);
  }

  blend<O extends Output = 'pixels'>(request: BlendRequest & Asks<O>, options?: PaintOptions): Promise<Painted<O>[]> {
    return this.#paint(request, blend, options);
  }

  inpaint<O extends Output = 'pixels'>(
    request: InpaintRequest & Asks<O>,
    options?: PaintOptions,
  ): Promise<Painted<O>[]> {
    return this.#paint(request, inpaint, options);
  }

  outpaint<O extends Output = 'pixels'>(
    request: OutpaintRequest & Asks<O>,
    options?: PaintOptions,
  ): Promise<Painted<O>[]> {
    return this.#paint(request, outpaint, options);
  }

  upscale<O extends Output = 'pixels'>(
    request: UpscaleRequest & Asks<O>,
    options?: PaintOptions,
  ): Promise<Painted<O>[]> {
    return this.#paint(request, upscale, options);
  }

  /** Which of these pictures the safety checker flags: none where there is no checker. */
  check(pictures: readonly Pixels[]): Promise<boolean[]> {
    const { safety } = this.#engine;
    return this.#next(async () => (safety ? safety.check(pictures) : pictures.map(() => false)));
  }

  /** Samples a picture's latents `rows` times, [rows, c, h, w], for several calls of img2img that share them. @param tile theirs. */
  encode(picture: Pixels, rows: number, generator: Generator, tile?: Tile): Promise<Tensor> {
    return this.#next(async () => {
      requireRoom(this.#engine, picture.width, picture.height, true);
      return encode(this.#tiled(tile), picture, rows, generator);
    });
  }

  /**
   * Decodes latents [pictures, channels, h, w] as pictures' `latents` and {@link encode} have them. What comes out is not checked by the
   * safety checker: `check` does that. @param tile edges that continue each other, as when they were painted.
   */
  decode(latents: Tensor, { tile, signal }: { tile?: Tile; signal?: AbortSignal } = {}): Promise<Pixels[]> {
    return abortable(
      this.#next(() => decode(this.#tiled(tile), latents, signal), { signal }),
      signal,
    );
  }

  /**
   * Encodes words for a request's `promptEmbeddings` and `negativeEmbeddings`, as diffusers' encode_prompt: once for many pictures, or to
   * change them. LoRAs that the prompt names change the text encoder here; to have them paint, too, give the prompt beside the embeddings.
   *
   * @example
   * const words = await sd.encodePrompt({ prompt: 'a red apple', negative: 'blurry' });
   * const [picture] = await sd.txt2img({ ...words, seed: 42 });
   * @throws RequestError for AND and for words that change while a picture is painted.
   */
  encodePrompt(request: EncodeRequest, options: Pick<PaintOptions, 'signal' | 'onNotice'> = {}): Promise<Embeddings> {
    return listenedTo(options, (own) =>
      abortable(
        this.#next(() => encodePrompt(this.#engine, request, own), { signal: own.signal }),
        own.signal,
      ),
    );
  }

  /**
   * Opens a ControlNet of this model's kind for {@link PipelineRequest.controls}: a diffusers folder, or a file of
   * lllyasviel's or diffusers' names. It is released by `release`, and by `close`.
   *
   * @throws CheckpointError if it is none, or one for another family; RequestError for a folder of ONNX graphs.
   */
  async openControlNet(path: string): Promise<ControlNetworks> {
    const opened = await this.control(path, { onReleased: (released) => this.#controls.delete(released) });
    this.#controls.add(opened);
    return opened;
  }

  /** Waits for earlier calls, then releases everything. Later calls throw. */
  close(): Promise<void> {
    this.#closed ??= this.#calls.run(async () => {
      await this.#engine.tinyDecoder?.release();
      for (const control of [...this.#controls]) await control.release();
      await this.#engine.networks.close();
      await this.runtime.close();
    });
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** The request with the defaults that a few-step LoRA in its prompts sets. What it says itself is not touched. */
  async #advised<T extends PipelineRequest>(request: T): Promise<T> {
    const prompts = [request.prompt].flat().filter((prompt) => typeof prompt === 'string');
    const recipe = request.syntax === 'plain' ? undefined : await recipeFor(prompts, this.#loras);
    const choice = recipe?.sampler !== undefined && !request.sampler ? samplerNamed(recipe.sampler) : null;
    // A schedule that was chosen one by one has its own number of steps.
    const listed = request.timesteps !== undefined || typeof request.sigmas === 'object';
    return {
      ...request,
      steps: request.steps ?? (listed ? undefined : recipe?.steps),
      scale: request.scale ?? recipe?.scale,
      ...(choice && { sampler: choice.sampler }),
      ...(choice && !listed && { sigmas: request.sigmas ?? choice.sigmas }),
    };
  }

  /** @param pipeline is given the request with the defaults that its LoRAs set. */
  async #paint<O extends Output, R extends PipelineRequest & Asks<O>>(
    request: R,
    pipeline: (engine: Engine, request: R, options: PaintOptions) => Promise<Picture[]>,
    options: PaintOptions = {},
  ): Promise<Painted<O>[]> {
    return listenedTo(options, (own) => {
      const painting = this.#next(
        async () => {
          // Pictures contain their model's hash, so it is computed while they are painted. An error is thrown where it is awaited.
          this.model.hash().catch(() => {});
          const pictures = await pipeline(this.#tiled(request.tile), await this.#advised(request), own);
          for (const notice of own.onNotice ? this.#engine.networks.takeNotices() : []) own.onNotice!(...notice);
          return pictures as Painted<O>[];
        },
        { ...placeOf(request), signal: own.signal },
      );
      // What runs keeps its place until it has ended: a step cannot be stopped.
      return abortable(painting, own.signal);
    });
  }

  #tiled(tile: Tile | undefined): Engine {
    if (tile === undefined) return this.#engine;
    const engine = this.#tilers.get(tile) ?? { ...this.#engine, networks: withTile(this.#engine.networks, tile) };
    this.#tilers.set(tile, engine);
    return engine;
  }

  async #next<T>(call: () => Promise<T>, place?: CallOptions): Promise<T> {
    if (this.#closed) throw new EaselError(`${this.model.path} is closed: open it again with StableDiffusion.open.`);
    return this.#calls.run(call, place);
  }
}

/**
 * Int8 has one scale for all rows of a run, so a picture would depend on its company. Graphs that others exported may take
 * one timestep for all rows, or a fixed number of them.
 */
function batchOf(asked: number | 'auto', provider: Provider, { kind }: Model, { int8 }: Networks): number {
  const most = asked === 'auto' ? (provider === 'cpu' ? 1 : GPU_BATCH) : wholeInRange('batch', asked, 1, MAX_BATCH);
  return int8 || kind === 'onnx' ? 1 : most;
}

/** Of the outermost level, where attention takes most. */
function headSizeOf(model: Model): number | undefined {
  return model.kind === 'weights' ? model.unet.blockOutChannels[0]! / model.unet.heads[0]! : undefined;
}

async function safetyOf({ safetyChecker }: Model, { embedImage }: Networks): Promise<SafetyChecker | null> {
  if (!safetyChecker || !embedImage) return null;
  const values = (name: string) => readValues(safetyChecker.weights.get(name)!);
  return new SafetyChecker(embedImage, {
    concepts: await values('concept_embeds'),
    conceptThresholds: await values('concept_embeds_weights'),
    specialCare: await values('special_care_embeds'),
    specialCareThresholds: await values('special_care_embeds_weights'),
  });
}
