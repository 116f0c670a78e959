import type { InferenceSession } from 'onnxruntime-node';
import { CheckpointError, EaselError, type ErrorCode, RequestError } from '../errors.js';
import type { BuiltGraph } from '../graph/built-graph.js';
import { removeScratch } from '../graph/scratch.js';
import { HERE, type Host, isFed, type NativeFeed, type NativeOutput, type NativeSession } from './native-session.js';
import { ThreadEnded } from './thread.js';

/** A graph built here, or the path of a model.onnx, or its bytes. */
export type GraphSource = (() => Promise<BuiltGraph>) | string | Uint8Array;

/** Values for an input. */
export interface Feed {
  readonly data: Float32Array | Int32Array;
  readonly shape: readonly number[];
  /** The same array will come again, unchanged: it is then sent to another thread once. */
  readonly kept?: boolean;
}

/** Values by input name; converted to the type that the graph expects. */
export type Feeds = Readonly<Record<string, Feed>>;

export interface Output {
  data: Float32Array;
  shape: readonly number[];
}

/**
 * One network's session, created on its first run and kept until {@link release}. Creating and releasing ONNX Runtime
 * sessions repeatedly leaks memory (microsoft/onnxruntime#25325), so a network keeps its session while it may be used.
 */
export class NetworkSession implements AsyncDisposable {
  readonly #source: GraphSource;
  readonly #label: string;
  readonly #options: InferenceSession.SessionOptions;
  readonly #code: ErrorCode | undefined;
  readonly #host: Host;
  #session?: Promise<NativeSession>;
  /** A file that ONNX Runtime has mapped, to be deleted with the session. */
  #scratch?: string;

  /**
   * @param label the name in error messages: "/models/x: the UNet".
   * @param code of the error when ONNX Runtime refuses the graph, if that may not be the file's fault.
   * @param host where it is created and run.
   */
  constructor(
    label: string,
    source: GraphSource,
    options: InferenceSession.SessionOptions,
    code?: ErrorCode,
    host: Host = HERE,
  ) {
    this.#label = label;
    this.#source = source;
    this.#options = options;
    this.#code = code;
    this.#host = host;
  }

  /**
   * @param outputs names of the outputs to fetch; the graph's first by default.
   * @returns float32 values by name.
   */
  async run(feeds: Feeds, outputs?: readonly string[]): Promise<Record<string, Output>> {
    const session = await this.open();
    const fed: Record<string, NativeFeed> = {};
    for (const input of session.inputs) {
      const feed = feeds[input.name];
      if (!feed || !input.isTensor) {
        throw new CheckpointError(
          `${this.#label}: its graph has an input "${input.name}", which Stable Diffusion does not know.`,
        );
      }
      if (!isFed(input.type)) {
        throw new CheckpointError(
          `The graph asks for ${input.type}, which Easel does not feed: export the model with float32 inputs.`,
        );
      }
      fed[input.name] = { ...feed, type: input.type };
    }
    let fetched: Record<string, NativeOutput>;
    try {
      fetched = await session.run(fed, outputs ?? [session.outputs[0]!]);
    } catch (cause) {
      if (cause instanceof ThreadEnded) {
        this.#session = undefined;
        throw cause;
      }
      throw isOutOfMemory(cause) ? tooMuch(cause) : this.#explain(EaselError, 'cannot run', cause);
    }
    return Object.fromEntries(Object.entries(fetched).map(([name, output]) => [name, float32(output)]));
  }

  /** The session's outputs. Creates the session. */
  async outputNames(): Promise<readonly string[]> {
    return (await this.open()).outputs;
  }

  /** The shape an input must have; strings stand for variable dimensions. */
  async inputShape(name: string): Promise<readonly (number | string)[] | undefined> {
    const metadata = (await this.open()).inputs.find((input) => input.name === name);
    return metadata?.isTensor ? metadata.shape : undefined;
  }

  async release(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await (await session?.catch(() => undefined))?.release();
    await this.#clean();
  }

  /**
   * Deletes the scratch file: at once where mapped files can be deleted, otherwise (Windows) after the session is
   * released.
   */
  async #clean(): Promise<void> {
    if (!this.#scratch) return;
    const removed = await removeScratch(this.#scratch).then(
      () => true,
      () => false,
    );
    if (removed) this.#scratch = undefined;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }

  /** Creates the session, if there is none yet. */
  open(): Promise<NativeSession> {
    this.#session ??= this.#create().catch((cause) => {
      this.#session = undefined;
      throw cause instanceof EaselError ? cause : this.#explain(CheckpointError, 'cannot be loaded', cause);
    });
    return this.#session;
  }

  async #create(): Promise<NativeSession> {
    if (typeof this.#source !== 'function') return await this.#host.create(this.#source, this.#options);
    const { model, folder, scratch } = await this.#source();
    const session = { ...(this.#options.extra?.session as object) };
    this.#scratch = scratch;
    try {
      return await this.#host.create(model, {
        ...this.#options,
        extra: {
          ...this.#options.extra,
          session: {
            ...session,
            ...(folder !== undefined && { model_external_initializers_file_folder_path: folder }),
          },
        },
      });
    } finally {
      await this.#clean();
    }
  }

  #explain(Kind: typeof EaselError, what: string, cause: unknown): EaselError {
    if (isOutOfMemory(cause)) {
      return new EaselError(`${this.#label} ${what}: there is not enough memory for the model.`, { cause });
    }
    const line = (cause as Error).message.replaceAll(/\s+/g, ' ').slice(0, 300);
    const told = `${this.#label} ${what}: ${line}.`;
    return this.#code
      ? new Kind(told, { cause, code: this.#code })
      : new Kind(`${told} Is the file whole? Download it again.`, { cause });
  }
}

function isOutOfMemory(cause: unknown): boolean {
  return /bad_alloc|Failed to allocate|out of memory/i.test((cause as Error).message);
}

/** A run's memory grows with the request. */
function tooMuch(cause: unknown): RequestError {
  return new RequestError('There is not enough memory for this request. It grows with width, height and count.', {
    cause,
    meaning: { code: 'memory', values: {} },
  });
}

function float32({ data, shape, type }: NativeOutput): Output {
  if (data instanceof Float32Array) return { data, shape };
  if (data instanceof Float64Array) return { data: Float32Array.from(data), shape };
  throw new CheckpointError(
    `The graph returns ${type}, which Easel does not take: export the model with float32 outputs.`,
  );
}
