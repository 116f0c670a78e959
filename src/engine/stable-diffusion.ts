import { abortable } from './abortable.js';
import { listenedTo } from './callbacks.js';
import { type CallOptions, Company } from './company.js';
import { EaselError } from './errors.js';
import type { Pixels } from './image/pixels.js';
import type { PictureSource } from './image/source.js';
import { recipeFor } from './lora/recipe.js';
import type { Model, ModelCard } from './model.js';
import type { Tensor } from './networks.js';
import { type OpenedEngine, openEngine } from './open-engine.js';
import { OPEN_OPTIONS, type OpenOptions } from './open-options.js';
import { advised } from './pipeline/advised.js';
import { blend } from './pipeline/blend.js';
import { type Embeddings, type EncodeRequest, encodePrompt } from './pipeline/encode-prompt.js';
import type { Engine } from './pipeline/engine.js';
import { img2img } from './pipeline/img2img.js';
import { inpaint } from './pipeline/inpaint.js';
import { decode, encode } from './pipeline/latents.js';
import { openPicture, openPictures } from './pipeline/open-pictures.js';
import { outpaint } from './pipeline/outpaint.js';
import type { Asks, AtLeastOne, Output, Painted, Picture } from './pipeline/picture.js';
import { placeOf } from './pipeline/place.js';
import type { PaintOptions } from './pipeline/progress.js';
import type {
  BlendRequest,
  Img2ImgRequest,
  InpaintRequest,
  Opened,
  OutpaintRequest,
  PipelineRequest,
  Txt2ImgRequest,
  UpscaleRequest,
} from './pipeline/request.js';
import { sizeStep } from './pipeline/request.js';
import { requireRoom } from './pipeline/require-room.js';
import {
  latents as checkLatents,
  DECODING,
  type DecodeOptions,
  ENCODING,
  ENCODING_WORDS,
  PAINT_OPTIONS,
  picture,
  REQUESTS,
} from './pipeline/schema.js';
import { txt2img } from './pipeline/txt2img.js';
import { upscale } from './pipeline/upscale.js';
import type { Generator } from './random/generator.js';
import { ownGenerator } from './random/own.js';
import type { ControlNetworks } from './runtime/control-networks.js';
import { withTile } from './runtime/tiled-networks.js';
import { path as checkPath, list, read, type Schema, text } from './schema.js';
import type { Tile } from './tile.js';

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
    private readonly opened: OpenedEngine,
    loras: readonly string[] | undefined,
  ) {
    this.#engine = opened.engine;
    this.#loras = loras;
    this.#calls = new Company(opened.batch);
  }

  /**
   * Opens a .ckpt, a .safetensors, a diffusers folder or a diffusers ONNX folder. Weights are mapped when first used; a
   * file of SD 2.x that does not say what it predicts is asked by running its noise predictor once.
   *
   * @throws CheckpointError if it cannot be read or is not Stable Diffusion; EaselError if the device cannot be used.
   */
  static async open(path: string, given: OpenOptions = {}): Promise<StableDiffusion> {
    checkPath('path', path);
    const options = read(OPEN_OPTIONS, given);
    return new StableDiffusion(await openEngine(path, options), options.loras);
  }

  /** Pictures that may be painted at the same time: 1 where the model or the device cannot do more. */
  get batch(): number {
    return this.opened.batch;
  }

  /** The model that was opened, with its card. */
  get model(): Model {
    return this.#engine.model;
  }

  /**
   * The model's card; where these prompts, with `weighted` syntax, name a LoRA that was distilled to few steps, with the
   * steps, scale and sampler for it. These are the defaults of a request.
   */
  async advise(prompts: readonly string[]): Promise<ModelCard> {
    list(text)('prompts', prompts);
    const { sigmas, ...card } = this.model.card;
    const recipe = await recipeFor(prompts, this.#loras);
    // The card's spacing is meant for the card's sampler.
    return { ...card, ...(sigmas && !recipe?.sampler && { sigmas }), ...recipe };
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

  /**
   * From words to pictures.
   *
   * @throws RequestError for an invalid request; the signal's reason when it aborts; EaselError after `close`, or for a picture's file
   *   that cannot be read. All of these reject the promise, of every method.
   */
  txt2img<O extends Output = 'pixels'>(
    request: Txt2ImgRequest & Asks<O>,
    options?: PaintOptions,
  ): Promise<AtLeastOne<Painted<O>>> {
    return this.#paint(REQUESTS.txt2img, request, txt2img, options);
  }

  /** From a picture and words to pictures; with a model that edits, the words say what to change. */
  img2img<O extends Output = 'pixels'>(
    request: Img2ImgRequest & Asks<O>,
    options?: PaintOptions,
  ): Promise<AtLeastOne<Painted<O>>> {
    return this.#paint(REQUESTS.img2img, request, img2img, options);
  }

  /** From two to four pictures, laid over each other, and words to pictures. */
  blend<O extends Output = 'pixels'>(
    request: BlendRequest & Asks<O>,
    options?: PaintOptions,
  ): Promise<AtLeastOne<Painted<O>>> {
    return this.#paint(REQUESTS.blend, request, blend, options);
  }

  /** Repaints the white part of a mask; all other pixels stay as they are. */
  inpaint<O extends Output = 'pixels'>(
    request: InpaintRequest & Asks<O>,
    options?: PaintOptions,
  ): Promise<AtLeastOne<Painted<O>>> {
    return this.#paint(REQUESTS.inpaint, request, inpaint, options);
  }

  /** Paints beyond a picture's edges. */
  outpaint<O extends Output = 'pixels'>(
    request: OutpaintRequest & Asks<O>,
    options?: PaintOptions,
  ): Promise<AtLeastOne<Painted<O>>> {
    return this.#paint(REQUESTS.outpaint, request, outpaint, options);
  }

  /** Enlarges a picture and paints its details. An {@link Upscaler} alone enlarges without painting. */
  upscale<O extends Output = 'pixels'>(
    request: UpscaleRequest & Asks<O>,
    options?: PaintOptions,
  ): Promise<AtLeastOne<Painted<O>>> {
    return this.#paint(REQUESTS.upscale, request, upscale, options);
  }

  /** Which of these pictures the safety checker flags: none where there is no checker. */
  async check(pictures: readonly PictureSource[]): Promise<boolean[]> {
    list(picture)('pictures', pictures);
    const { safety } = this.#engine;
    return this.#next(async () => {
      const opened = await Promise.all(pictures.map((one) => openPicture(one)));
      return safety ? safety.check(opened) : opened.map(() => false);
    });
  }

  /** Samples a picture's latents `rows` times, [rows, c, h, w], for several calls of img2img that share them. @param tile theirs. */
  async encode(image: PictureSource, rows: number, generator: Generator, tile?: Tile): Promise<Tensor> {
    read(ENCODING, { picture: image, rows, generator, tile });
    return this.#next(async () => {
      const opened = await openPicture(image, sizeStep(this.model));
      requireRoom(this.#engine, opened.width, opened.height, true);
      return encode(this.#tiled(tile), opened, rows, ownGenerator(generator));
    });
  }

  /**
   * Decodes latents [pictures, channels, h, w] as pictures' `latents` and {@link encode} have them. What comes out is not checked by the
   * safety checker: `check` does that. @param options.tile edges that continue each other, as when they were painted.
   */
  async decode(latents: Tensor, options: DecodeOptions = {}): Promise<Pixels[]> {
    checkLatents('latents', latents);
    const { tile, signal } = read(DECODING, options);
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
  async encodePrompt(
    request: EncodeRequest,
    options: Pick<PaintOptions, 'signal' | 'onNotice'> = {},
  ): Promise<Embeddings> {
    const asked = read(ENCODING_WORDS, request);
    return listenedTo(read<PaintOptions>(PAINT_OPTIONS, options), (own) =>
      abortable(
        this.#next(() => encodePrompt(this.#engine, asked, own), { signal: own.signal }),
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
    checkPath('path', path);
    this.#throwIfClosed();
    const opened = await this.opened.control(path, { onReleased: (released) => this.#controls.delete(released) });
    this.#controls.add(opened);
    return opened;
  }

  /** Waits for earlier calls, then releases everything. Later calls throw. */
  close(): Promise<void> {
    this.#closed ??= this.#calls.run(async () => {
      await this.#engine.tinyDecoder?.release();
      for (const control of [...this.#controls]) await control.release();
      await this.#engine.networks.close();
      await this.opened.runtime.close();
    });
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** @param pipeline is given the request with its pictures opened, and with the defaults that its LoRAs set. */
  async #paint<O extends Output, R extends PipelineRequest>(
    schema: Schema<R & Asks<Output>>,
    request: R & Asks<O>,
    pipeline: (engine: Engine, request: Opened<R & Asks<Output>>, options: PaintOptions) => Promise<Picture[]>,
    options: PaintOptions = {},
  ): Promise<AtLeastOne<Painted<O>>> {
    this.#throwIfClosed();
    const told = read(PAINT_OPTIONS, options);
    told.signal?.throwIfAborted();
    const asked = read<R & Asks<Output>>(schema, request);
    return listenedTo(told, (own) => {
      // Files are read while earlier calls paint. An error is thrown where it is awaited.
      const opening = openPictures(this.model, schema.of, asked, own.signal);
      opening.catch(() => {});
      const painting = this.#next(
        async () => {
          // Pictures contain their model's hash, so it is computed while they are painted. An error is thrown where it is awaited.
          this.model.hash().catch(() => {});
          const pictures = await pipeline(this.#tiled(asked.tile), await advised(await opening, this.#loras), own);
          for (const notice of own.onNotice ? this.#engine.networks.takeNotices() : []) own.onNotice!(...notice);
          return pictures as Picture[] as AtLeastOne<Painted<O>>;
        },
        { ...placeOf(asked), signal: own.signal },
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
    this.#throwIfClosed();
    return this.#calls.run(call, place);
  }

  #throwIfClosed(): void {
    if (this.#closed) throw new EaselError(`${this.model.path} is closed: open it again with StableDiffusion.open.`);
  }
}
