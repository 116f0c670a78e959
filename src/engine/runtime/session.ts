import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { CheckpointError, EaselError, type ErrorCode, RequestError } from '../errors.js';
import type { BuiltGraph } from '../graph/built-graph.js';
import { removeScratch } from '../graph/scratch.js';
import { onnxRuntime } from './native.js';

/** A graph built here, or the path of a model.onnx. */
export type GraphSource = (() => Promise<BuiltGraph>) | string;

/** Values by input name; converted to the type that the graph expects. */
export type Feeds = Record<string, { data: Float32Array | Int32Array; shape: readonly number[] }>;

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
  #session?: Promise<InferenceSession>;
  /** A file that ONNX Runtime has mapped, to be deleted with the session. */
  #scratch?: string;

  /**
   * @param label the name in error messages: "/models/x: the UNet".
   * @param code of the error when ONNX Runtime refuses the graph, if that may not be the file's fault.
   */
  constructor(label: string, source: GraphSource, options: InferenceSession.SessionOptions, code?: ErrorCode) {
    this.#label = label;
    this.#source = source;
    this.#options = options;
    this.#code = code;
  }

  /**
   * @param outputs names of the outputs to fetch; the graph's first by default.
   * @returns float32 values by name.
   */
  async run(feeds: Feeds, outputs?: readonly string[]): Promise<Record<string, Output>> {
    const { Tensor } = await onnxRuntime();
    const session = await this.open();
    const tensors: Record<string, OrtTensor> = {};
    for (const input of session.inputMetadata) {
      const feed = feeds[input.name];
      if (!feed || !input.isTensor) {
        throw new CheckpointError(
          `${this.#label}: its graph has an input "${input.name}", which Stable Diffusion does not know.`,
        );
      }
      tensors[input.name] = tensorOf(Tensor, input.type, feed.data, feed.shape);
    }
    try {
      const fetched = await session.run(tensors, outputs ?? [session.outputNames[0]!]);
      return Object.fromEntries(Object.entries(fetched).map(([name, tensor]) => [name, float32(tensor)]));
    } catch (cause) {
      throw isOutOfMemory(cause) ? tooMuch(cause) : this.#explain(EaselError, 'cannot run', cause);
    }
  }

  /** The session's outputs. Creates the session. */
  async outputNames(): Promise<readonly string[]> {
    return (await this.open()).outputNames;
  }

  /** The shape an input must have; strings stand for variable dimensions. */
  async inputShape(name: string): Promise<readonly (number | string)[] | undefined> {
    const metadata = (await this.open()).inputMetadata.find((input) => input.name === name);
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
  open(): Promise<InferenceSession> {
    this.#session ??= this.#create().catch((cause) => {
      this.#session = undefined;
      throw cause instanceof EaselError ? cause : this.#explain(CheckpointError, 'cannot be loaded', cause);
    });
    return this.#session;
  }

  async #create(): Promise<InferenceSession> {
    const { InferenceSession } = await onnxRuntime();
    if (typeof this.#source === 'string') return InferenceSession.create(this.#source, this.#options);
    const { model, folder, scratch } = await this.#source();
    const session = { ...(this.#options.extra?.session as object) };
    this.#scratch = scratch;
    try {
      return await InferenceSession.create(model, {
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

type TensorClass = typeof OrtTensor;

function tensorOf(
  Tensor: TensorClass,
  type: string,
  data: Float32Array | Int32Array,
  shape: readonly number[],
): OrtTensor {
  switch (type) {
    case 'float32':
      return new Tensor('float32', data instanceof Float32Array ? data : Float32Array.from(data), shape);
    case 'int32':
      return new Tensor('int32', data instanceof Int32Array ? data : Int32Array.from(data), shape);
    case 'int64':
      return new Tensor(
        'int64',
        BigInt64Array.from(data, (value) => BigInt(Math.round(value))),
        shape,
      );
    case 'float64':
      return new Tensor('float64', Float64Array.from(data), shape);
    default:
      throw new CheckpointError(
        `The graph asks for ${type}, which Easel does not feed: export the model with float32 inputs.`,
      );
  }
}

function float32(tensor: OrtTensor): Output {
  const { data, dims: shape } = tensor;
  if (data instanceof Float32Array) return { data, shape };
  if (data instanceof Float64Array) return { data: Float32Array.from(data), shape };
  throw new CheckpointError(
    `The graph returns ${tensor.type}, which Easel does not take: export the model with float32 outputs.`,
  );
}
