import { abortable } from '../abortable.js';
import { malformed } from '../check.js';
import { EaselError } from '../errors.js';
import type { BuiltGraph } from '../graph/built-graph.js';
import type { GraphForm } from '../graph/form.js';
import type { Tensor } from '../networks.js';
import * as is from '../schema.js';
import { read, type Schema } from '../schema.js';
import { Serial } from '../serial.js';
import { elements } from '../shape.js';
import type { Provider } from './provider.js';
import { COMPUTING, type DeviceOptions, openRuntime, type Place, sessionIn } from './runtime.js';
import type { Feed, GraphSource, NetworkSession } from './session.js';
import { TUNING, type Tuning } from './tuning.js';

/** The path of an .onnx file, its bytes, or what builds a graph in the form that the device needs. */
export type Graph = string | Uint8Array | ((form: GraphForm) => Promise<BuiltGraph>);

export interface OpenNetworkOptions extends DeviceOptions, Partial<Tuning> {
  /** What errors call it; the path, or "the network". */
  name?: string;
}

export interface RunOptions {
  /** Names of the outputs that are wanted; all by default. */
  outputs?: readonly string[];
  /** Ends a wait at once. What is thrown is its reason; a run that has begun ends by itself, and its result is dropped. */
  signal?: AbortSignal | undefined;
}

const OPENING: Schema<OpenNetworkOptions> = {
  of: 'openNetwork',
  fields: { ...COMPUTING, packed: is.flag, keepsMemory: is.flag, name: is.text },
};

const RUNNING: Schema<RunOptions> = { of: 'run', fields: { outputs: is.list(is.text), signal: is.signal } };

const checkGraph = is.either(
  (value) => typeof value === 'string',
  is.path,
  is.must<Exclude<Graph, string>>(
    "be an .onnx file's path or bytes, or a function that builds a graph",
    (value) => value instanceof Uint8Array || typeof value === 'function',
  ),
);

/**
 * Opens a network of any kind: with the devices, the cache, the thread and the errors of {@link StableDiffusion.open}. Its session
 * is created at its first run.
 *
 * @throws EaselError if the device cannot be used.
 *
 * @example
 * await using tagger = await openNetwork('wd-tagger.onnx');
 * const { output } = await tagger.run({ input: { data: pixels, shape: [1, 448, 448, 3] } });
 */
export async function openNetwork(graph: Graph, options: OpenNetworkOptions = {}): Promise<Network> {
  checkGraph('graph', graph);
  const { name = typeof graph === 'string' ? graph : 'the network', ...rest } = read(OPENING, options);
  const runtime = await openRuntime(rest);
  const source = typeof graph === 'function' ? () => graph(runtime.forms.float32) : graph;
  return new Network(runtime, name, source, { ...TUNING.autoencoder, ...rest }, () => runtime.close());
}

/** A network that {@link openNetwork} has opened. Calls run one after another; `release` when done. */
export class Network implements AsyncDisposable {
  readonly #label: string;
  readonly #session: NetworkSession;
  readonly #calls = new Serial();
  readonly #onReleased: (() => Promise<void>) | undefined;
  /** Where it runs. */
  readonly device: Provider;
  #released?: Promise<void>;

  /** @param onReleased called once, after its session has been released. */
  constructor(place: Place, label: string, source: GraphSource, tuning: Tuning, onReleased?: () => Promise<void>) {
    this.#label = label;
    this.device = place.provider;
    this.#session = sessionIn(place, label, source, tuning);
    this.#onReleased = onReleased;
  }

  /** Names of its inputs. Creates the session. @throws CheckpointError if the graph cannot be loaded. */
  async inputs(): Promise<readonly string[]> {
    return this.#next(async () => (await this.#session.open()).inputs.map(({ name }) => name));
  }

  /** Names of its outputs, as {@link inputs}. */
  async outputs(): Promise<readonly string[]> {
    return this.#next(() => this.#session.outputNames());
  }

  /**
   * @param feeds values of every input, by its name. They are converted to its type.
   * @returns float32 values by the outputs' names.
   * @throws RequestError for an input that is missing, unknown, or not as long as its shape says, or if there is not enough memory;
   *   CheckpointError if the graph cannot be loaded; the signal's reason when it aborts; EaselError after `release`.
   */
  async run(feeds: Readonly<Record<string, Feed>>, options: RunOptions = {}): Promise<Record<string, Tensor>> {
    const { outputs, signal } = read(RUNNING, options);
    const found = this.#next(async () => {
      const session = await this.#session.open();
      check(
        feeds,
        session.inputs.map(({ name }) => name),
      );
      const unknown = outputs?.find((name) => !session.outputs.includes(name));
      if (unknown !== undefined) throw malformed('outputs', `has "${unknown}", and there is ${list(session.outputs)}.`);
      return this.#session.run(feeds, outputs ?? session.outputs);
    }, signal);
    return abortable(found, signal);
  }

  /** Waits for earlier calls, then releases the network, for good. */
  release(): Promise<void> {
    this.#released ??= this.#calls.run(async () => {
      await this.#session.release();
      await this.#onReleased?.();
    });
    return this.#released;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.release();
  }

  #next<T>(call: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (this.#released) throw new EaselError(`${this.#label} was released: open it again.`);
    return this.#calls.run(call, signal);
  }
}

function check(feeds: Readonly<Record<string, Feed>>, inputs: readonly string[]): void {
  for (const [name, { data, shape }] of Object.entries(feeds)) {
    if (!inputs.includes(name)) throw malformed(name, `is no input of the network, which has ${list(inputs)}.`);
    if (data.length !== elements(shape)) {
      throw malformed(name, `is [${shape}], which takes ${elements(shape)} values, but has ${data.length}.`);
    }
  }
  const missing = inputs.find((name) => !(name in feeds));
  if (missing !== undefined) throw malformed(missing, 'is missing: it is an input of the network.');
}

function list(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ');
}
