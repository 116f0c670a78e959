import type { Weights } from '../checkpoint/tensor.js';
import { type BuiltGraph, withWeights } from './built-graph.js';
import { type FloatType, FUSED, type GraphForm } from './form.js';
import { GraphWeights, type Rows } from './graph-weights.js';
import type { Attribute, ElementType, Initializer, Node, ValueInfo } from './onnx.js';

/** A value in a graph, by its name: an input, an initializer or a node's output. */
export type Value = string & { readonly __value: unique symbol };

const MOST_AXES = 8;

/** Opset 21 has Gelu and LayerNormalization; com.microsoft holds ONNX Runtime's fused operators. */
const OPSETS = new Map([
  ['', 21],
  ['com.microsoft', 1],
]);

/**
 * Builds a graph node by node. Each method adds what its name says and returns the resulting value. Weights are references
 * into the checkpoint.
 *
 * Floating-point values have the type {@link float}; weights stored in another type are cast in the graph (ONNX Runtime
 * folds the cast when it creates the session).
 */
export class GraphBuilder {
  readonly #name: string;
  readonly #weights: GraphWeights;
  readonly #inputs: ValueInfo[] = [];
  readonly #outputs: ValueInfo[] = [];
  #nodes: Node[] = [];
  /** Casts of weights, which come before all nodes, so that the bodies of loops share them. */
  readonly #castNodes: Node[] = [];
  readonly #constants = new Map<string, Initializer>();
  readonly #casts = new Map<string, Value>();
  /** Which form to use of operators that have several. */
  readonly form: GraphForm;
  #float: FloatType;
  #count = 0;
  /** More than the length of any shape, int64 [1], if shapes are hidden. */
  #beyond?: Value;
  readonly #hidden = new Map<Value, Value>();
  #inBody = false;

  constructor(name: string, weights: Weights = new Map(), form: GraphForm = FUSED) {
    this.#name = name;
    this.#weights = new GraphWeights(weights);
    this.form = form;
    this.#float = form.float;
  }

  /** The type of activations at this point of the graph. */
  get float(): FloatType {
    return this.#float;
  }

  /** An input that each run is given. @param shape a text stands for a dimension that may differ from run to run. */
  input(name: string, type: ElementType, shape: readonly (number | string)[]): Value {
    this.#inputs.push({ name, type, shape: [...shape] });
    return name as Value;
  }

  /** Names `value`, which has the type {@link float}, as a float32 output. */
  output(name: string, value: Value, shape: readonly (number | string)[]): void {
    const op = this.#float === 'float32' ? 'Identity' : 'Cast';
    this.#push(op, '', [value], [name], op === 'Cast' ? { to: 1 } : {});
    this.#outputs.push({ name, type: 'float32', shape: [...shape] });
  }

  /**
   * One node of ONNX's own operator set, with one output. '' leaves out an optional input. Arrays are copied.
   *
   * @throws TypeError for an attribute that is a fraction, since a bare number is an integer to ONNX.
   */
  op(op: string, inputs: readonly (Value | '')[], attributes: Record<string, Attribute> = {}): Value {
    return this.ops(op, inputs, 1, attributes)[0]!;
  }

  /** One of ONNX Runtime's fused operators (domain com.microsoft, see its docs/ContribOperators.md). */
  fused(op: string, inputs: readonly (Value | '')[], attributes: Record<string, Attribute> = {}): Value {
    return this.ops(op, inputs, 1, attributes, 'com.microsoft')[0]!;
  }

  /** One node with several outputs. */
  ops(
    op: string,
    inputs: readonly (Value | '')[],
    outputs: number,
    attributes: Record<string, Attribute> = {},
    domain = '',
  ): Value[] {
    const names = Array.from({ length: outputs }, () => this.#fresh(op));
    const [value, shape] = inputs as [Value, Value];
    const given = op === 'Reshape' ? [value, this.#hide(shape)] : inputs;
    return this.#push(op, domain, given, names, attributes);
  }

  /**
   * Hides from ONNX Runtime, from here on, which shape a Reshape returns, and so how many axes most values have. It compares
   * every value whose axes it counts with all earlier ones, to share their memory: in a graph of thousands of nodes this
   * is half of the time that a session takes to open. Where no side is known, it never finds a pair.
   *
   * @param size any int64 [1] that is not constant, 0 or more.
   */
  hideShapes(size: Value): void {
    this.#beyond = this.op('Add', [size, this.ints(MOST_AXES)]);
  }

  /** The same numbers in another type. */
  cast(value: Value, type: FloatType): Value {
    return this.op('Cast', [value], { to: type === 'float32' ? 1 : 10 });
  }

  /** Builds a part in which activations are float32 whatever they are elsewhere, because float16 would overflow or round. */
  inFloat32(part: () => Value): Value {
    const outside = this.#float;
    this.#float = 'float32';
    const value = part();
    this.#float = outside;
    return value;
  }

  /**
   * Repeats a part of the graph (ONNX's Loop).
   *
   * @param times int64 [1]
   * @param rank the number of axes of the part's result, the same each time.
   * @param part gets the iteration as an int64 scalar. It may use any value of the surrounding graph.
   * @returns the results, stacked along a new first axis.
   */
  repeat(times: Value, rank: number, part: (run: Value) => Value): Value {
    const [run, going] = [this.#fresh('run'), this.#fresh('going')];
    const inputs = [
      { name: run, type: 'int64', shape: [] },
      { name: going, type: 'bool', shape: [] },
    ] as const;
    const body = this.#body(inputs, () => {
      const result = part(run as Value);
      const goesOn = this.op('Identity', [going as Value]);
      return [{ name: goesOn, type: 'bool', shape: [] }, this.#unknown(result, rank)];
    });
    return this.op('Loop', [this.op('Squeeze', [times]), ''], { body });
  }

  /**
   * Runs a part of the graph on each slice of some values along their first axis (ONNX's Scan). Slices are not copied, and
   * results go straight to their places, unlike those of {@link repeat}.
   *
   * @param values with the rank of their slices; all have the same first side.
   * @param results what the part returns; of the type {@link float} unless said.
   * @param part may use any value of the surrounding graph.
   * @returns the results, stacked along a new first axis.
   */
  scan(
    values: readonly { value: Value; type: ElementType; rank: number }[],
    results: readonly { rank: number; type?: ElementType }[],
    part: (...slices: Value[]) => readonly Value[],
  ): Value[] {
    const slices = values.map(({ type, rank }) => this.#unknown(this.#fresh('slice') as Value, rank, type));
    const body = this.#body(slices, () =>
      part(...slices.map(({ name }) => name as Value)).map((result, k) =>
        this.#unknown(result, results[k]!.rank, results[k]!.type),
      ),
    );
    const inputs = values.map(({ value }) => value);
    return this.ops('Scan', inputs, results.length, { body, num_scan_inputs: values.length });
  }

  /** An int64 constant: shapes, axes, indices. */
  ints(...values: number[]): Value {
    const data = BigInt64Array.from(values, BigInt);
    return this.#constant('int64', [values.length], new Uint8Array(data.buffer), `ints_${values.join('_')}`);
  }

  /** An int64 scalar: gathering with it drops the axis. */
  index(value: number): Value {
    return this.#constant('int64', [], new Uint8Array(BigInt64Array.of(BigInt(value)).buffer), `index_${value}`);
  }

  /** A scalar as {@link float}. */
  scalar(value: number): Value {
    const wide = this.floats([value], []);
    return this.#float === 'float32' ? wide : this.cast(wide, this.#float);
  }

  /** A float32 constant. */
  floats(values: readonly number[], shape: readonly number[] = [values.length]): Value {
    const data = new Uint8Array(Float32Array.from(values).buffer);
    return this.#constant('float32', shape, data, `floats_${shape.join('x')}_${Buffer.from(data).toString('base64')}`);
  }

  /**
   * A weight as {@link float}.
   *
   * @param shape the shape it must have; it may be stored with other sides of length 1 (a 1x1 convolution is a matrix).
   * @throws CheckpointError if the checkpoint has no such tensor, or one of another shape or type.
   */
  weight(name: string, shape: readonly number[], rows?: Rows): Value {
    const stored = this.#weights.use(name, shape, rows);
    return this.#as(stored.name as Value, stored.type);
  }

  /**
   * Rows of a table by index, as {@link float}: [indices..., width]. Only the rows asked for are cast, unless the form casts
   * whole tables or they are 8-bit floats, which Gather does not accept.
   */
  gather(name: string, shape: readonly number[], indices: Value): Value {
    const stored = this.#weights.use(name, shape);
    const [table, type] = [stored.name as Value, stored.type];
    if (this.form.castTables || type.startsWith('float8')) return this.op('Gather', [this.#as(table, type), indices]);
    const rows = this.op('Gather', [table, indices]);
    return type === this.#float ? rows : this.cast(rows, this.#float);
  }

  /**
   * A weight as int8: [inputs, outputs], or for a convolution [9 * inputs, outputs] in the order row, column, input; and its
   * float32 scales [outputs]. Arguments and errors are those of {@link weight}.
   */
  int8(name: string, shape: readonly number[], rows?: Rows): { matrix: Value; scale: Value } {
    const { matrix, scale } = this.#weights.useInt8(name, shape, rows);
    return { matrix: matrix as Value, scale: scale as Value };
  }

  /** Errors are those of {@link withWeights}. */
  async finish(): Promise<BuiltGraph> {
    const graph = {
      name: this.#name,
      opsets: OPSETS,
      inputs: this.#inputs,
      outputs: this.#outputs,
      nodes: [...this.#castNodes, ...this.#nodes],
      initializers: [...this.#constants.values()],
    };
    return withWeights(graph, await this.#weights.all(this.#name, this.form.int8));
  }

  /** All of a shape, cut out in a way that leaves its length open until the graph runs. */
  #hide(shape: Value): Value {
    if (!this.#beyond || this.#inBody) return shape;
    const hidden = this.#hidden.get(shape) ?? this.op('Slice', [shape, this.ints(0), this.#beyond]);
    this.#hidden.set(shape, hidden);
    return hidden;
  }

  #as(value: Value, type: ElementType): Value {
    if (type === this.#float) return value;
    const key = `${value}:${this.#float}`;
    const known = this.#casts.get(key);
    if (known) return known;
    const around = this.#nodes;
    this.#nodes = this.#castNodes;
    const cast = this.cast(value, this.#float);
    this.#nodes = around;
    this.#casts.set(key, cast);
    return cast;
  }

  /** The nodes that `build` adds, as a graph of their own. @param build returns its outputs. */
  #body(inputs: readonly ValueInfo[], build: () => readonly ValueInfo[]): Attribute {
    const [around, inBody] = [this.#nodes, this.#inBody];
    this.#nodes = [];
    this.#inBody = true;
    const outputs = build();
    const graph = { name: this.#fresh('body'), inputs, outputs, nodes: this.#nodes };
    this.#nodes = around;
    this.#inBody = inBody;
    return { graph };
  }

  /** A value of which only the rank is known. */
  #unknown(value: Value, rank: number, type: ElementType = this.#float): ValueInfo {
    return { name: value, type, shape: Array.from({ length: rank }, (_, axis) => `${value}_${axis}`) };
  }

  #constant(type: ElementType, shape: readonly number[], data: Uint8Array, name: string): Value {
    this.#constants.set(name, { name, type, shape: [...shape], data });
    return name as Value;
  }

  #push(
    op: string,
    domain: string,
    inputs: readonly string[],
    outputs: string[],
    attributes: Record<string, Attribute>,
  ) {
    const own = Object.entries(attributes).map(([name, value]) => [name, checked(op, name, value)]);
    this.#nodes.push({ op, domain, inputs: [...inputs], outputs, attributes: Object.fromEntries(own) });
    return outputs as Value[];
  }

  #fresh(op: string): string {
    return `${op}_${this.#count++}`;
  }
}

/** An attribute that the graph may keep: a number is an integer, and an array stays as it is now. */
function checked(op: string, name: string, value: Attribute): Attribute {
  if (typeof value === 'number' && !Number.isSafeInteger(value))
    throw new TypeError(`The attribute "${name}" of ${op} is ${value}, not an integer: write { float: ${value} }.`);
  return Array.isArray(value) ? [...value] : value;
}
