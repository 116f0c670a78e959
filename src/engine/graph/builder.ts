import { dirname, relative, sep } from 'node:path';
import { DTYPE_BYTES, type DType, type StoredTensor, type Weights } from '../checkpoint/tensor.js';
import { readBytes } from '../checkpoint/values.js';
import { CheckpointError, EaselError } from '../errors.js';
import { elements } from '../shape.js';
import { type FloatType, FUSED, type GraphForm, type Int8Demand } from './form.js';
import { type Attribute, type ElementType, encodeModel, type Initializer, type Node, type ValueInfo } from './onnx.js';
import { removeScratch, ScratchFile } from './scratch.js';

/** A value in a graph, by its name: an input, an initializer or a node's output. */
export type Value = string & { readonly __value: unique symbol };

/** A graph that can become a session: the model's bytes, and where the weights that are not in them lie. */
export interface BuiltGraph {
  model: Uint8Array;
  /** The folder that external locations are relative to; absent when there are none. */
  folder?: string;
  /** A temporary file with weights that lie in no other as ONNX wants them; see {@link removeScratch}. */
  scratch?: string;
}

const ELEMENT: Partial<Record<DType, ElementType>> = {
  F16: 'float16',
  BF16: 'bfloat16',
  F8_E4M3: 'float8e4m3fn',
  F8_E5M2: 'float8e5m2',
  F32: 'float32',
  F64: 'float64',
};

/** Tensors up to this many bytes are copied into the model when they cannot be mapped. */
const INLINE_BYTES = 4096;

/** Opset 21 has Gelu and LayerNormalization; com.microsoft holds ONNX Runtime's fused operators. */
const OPSETS = new Map([
  ['', 21],
  ['com.microsoft', 1],
]);

/**
 * Puts a graph together, node by node. Each method adds what it says and returns the value that comes out. Weights are
 * references into the checkpoint: no tensor is read here, but for those that cannot be mapped.
 *
 * Floating-point values have the type {@link float}; weights that are stored otherwise are cast in the graph (ONNX Runtime
 * folds the cast when it makes the session).
 */
export class GraphBuilder {
  readonly #name: string;
  readonly #weights: Weights;
  readonly #inputs: ValueInfo[] = [];
  readonly #outputs: ValueInfo[] = [];
  #nodes: Node[] = [];
  readonly #constants = new Map<string, Initializer>();
  readonly #mapped = new Map<string, { tensor: StoredTensor; shape: readonly number[] }>();
  readonly #casts = new Map<string, Value>();
  readonly #int8 = new Map<string, Int8Demand>();
  /** What the operators that have several forms are written as. */
  readonly form: GraphForm;
  #float: FloatType;
  #count = 0;

  constructor(name: string, weights: Weights, form: GraphForm = FUSED) {
    this.#name = name;
    this.#weights = weights;
    this.form = form;
    this.#float = form.float;
  }

  /** What activations are at this place of the graph. */
  get float(): FloatType {
    return this.#float;
  }

  input(name: string, type: ElementType, shape: readonly (number | string)[]): Value {
    this.#inputs.push({ name, type, shape });
    return name as Value;
  }

  /** Names `value`, which has the type {@link float}, as a float32 output. */
  output(name: string, value: Value, shape: readonly (number | string)[]): void {
    const op = this.#float === 'float32' ? 'Identity' : 'Cast';
    this.#push(op, '', [value], [name], op === 'Cast' ? { to: 1 } : {});
    this.#outputs.push({ name, type: 'float32', shape });
  }

  /** One node of ONNX's own operator set, with one output. An absent optional input is ''. */
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
    return this.#push(op, domain, inputs, names, attributes);
  }

  cast(value: Value, type: FloatType): Value {
    return this.op('Cast', [value], { to: type === 'float32' ? 1 : 10 });
  }

  /** Part of the graph where activations are float32 whatever they are elsewhere: float16 would overflow or round. */
  inFloat32(part: () => Value): Value {
    const outside = this.#float;
    this.#float = 'float32';
    const value = part();
    this.#float = outside;
    return value;
  }

  /**
   * Runs a part of the graph again and again (ONNX's Loop).
   *
   * @param times int64 [1]
   * @param part gets the number of the run, int64 without sides. It may use every value of the graph around it, no weights.
   * @param rank how many sides its result has, the same each time.
   * @returns the results, along a new first axis.
   */
  repeat(times: Value, rank: number, part: (run: Value) => Value): Value {
    const [run, going] = [this.#fresh('run'), this.#fresh('going')];
    const around = this.#nodes;
    this.#nodes = [];
    const result = part(run as Value);
    const goesOn = this.op('Identity', [going as Value]);
    const sides = Array.from({ length: rank }, (_, axis) => `${run}_${axis}`);
    const body = {
      name: run,
      inputs: [
        { name: run, type: 'int64', shape: [] },
        { name: going, type: 'bool', shape: [] },
      ],
      outputs: [
        { name: goesOn, type: 'bool', shape: [] },
        { name: result, type: this.#float, shape: sides },
      ],
      nodes: this.#nodes,
    } as const;
    this.#nodes = around;
    return this.op('Loop', [this.op('Squeeze', [times]), ''], { body: { graph: body } });
  }

  /** A constant of int64: shapes, axes, indices. */
  ints(...values: number[]): Value {
    const data = BigInt64Array.from(values, BigInt);
    return this.#constant('int64', [values.length], new Uint8Array(data.buffer), `ints_${values.join('_')}`);
  }

  /** A constant of int64 without sides: gathering with it drops the axis. */
  index(value: number): Value {
    return this.#constant('int64', [], new Uint8Array(BigInt64Array.of(BigInt(value)).buffer), `index_${value}`);
  }

  /** A number as {@link float}. */
  scalar(value: number): Value {
    const wide = this.floats([value], []);
    return this.#float === 'float32' ? wide : this.cast(wide, this.#float);
  }

  /** A constant of float32. */
  floats(values: readonly number[], shape: readonly number[] = [values.length]): Value {
    const data = new Uint8Array(Float32Array.from(values).buffer);
    return this.#constant('float32', shape, data, `floats_${shape.join('x')}_${Buffer.from(data).toString('base64')}`);
  }

  /**
   * A weight as {@link float}.
   *
   * @param shape the shape it must have; it may be stored with other sides of length 1 (a 1x1 convolution is a matrix).
   * @param rows a part of the first axis: [from, to).
   * @throws CheckpointError if the checkpoint has no such tensor, or another shape.
   */
  weight(name: string, shape: readonly number[], rows?: readonly [number, number]): Value {
    const [value, type] = this.#stored(name, shape, rows);
    return this.#as(value, type);
  }

  /**
   * Rows of a table by index, as {@link float}: [indices..., width]. Only the rows that are asked for are cast, unless the
   * form wants whole tables, and but for 8-bit floats, which Gather does not take.
   */
  gather(name: string, shape: readonly number[], indices: Value): Value {
    const [table, type] = this.#stored(name, shape);
    if (this.form.castTables || type.startsWith('float8')) return this.op('Gather', [this.#as(table, type), indices]);
    const rows = this.op('Gather', [table, indices]);
    return type === this.#float ? rows : this.cast(rows, this.#float);
  }

  /**
   * A weight as int8: [inputs, outputs], or [9 * inputs, outputs] of a convolution in the order row, column, input; and the
   * float32 [outputs] that belongs to it. Arguments and errors are those of {@link weight}.
   */
  int8(name: string, shape: readonly number[], rows?: readonly [number, number]): { matrix: Value; scale: Value } {
    const tensor = this.#checked(name, shape);
    const label = rows ? `${name}[${rows.join(':')}]` : name;
    this.#int8.set(label, { label, ...(rows ? part(tensor, shape, rows) : { tensor, shape }) });
    return { matrix: `${label}.int8` as Value, scale: `${label}.scale` as Value };
  }

  /** @throws CheckpointError if a tensor that must be copied cannot be read. */
  async finish(): Promise<BuiltGraph> {
    const weights = [...this.#mapped, ...(await this.#quantized())].map(([name, { tensor, shape }]) => {
      const length = elements(shape) * DTYPE_BYTES[tensor.dtype];
      const place = isMappable(tensor) ? 'file' : length <= INLINE_BYTES ? 'model' : 'scratch';
      return { name, type: ELEMENT[tensor.dtype] ?? 'int8', shape, tensor, length, place };
    });
    const scratch = weights.some(({ place }) => place === 'scratch') ? await ScratchFile.create() : undefined;
    try {
      const files = weights.filter(({ place }) => place === 'file').map(({ tensor }) => tensor.file);
      const all = scratch ? [...files, scratch.path] : files;
      const folder = all.length > 0 ? commonFolder(all) : undefined;
      const location = (file: string) => relative(folder!, file).split(sep).join('/');
      const initializers = [...this.#constants.values()];
      for (const { name, type, shape, tensor, length, place } of weights) {
        const data =
          place === 'file'
            ? { location: location(tensor.file), offset: tensor.offset, length }
            : place === 'model'
              ? await readBytes(tensor)
              : { location: location(scratch!.path), offset: await scratch!.append(await readBytes(tensor)), length };
        initializers.push({ name, type, shape, data });
      }
      const model = encodeModel({
        name: this.#name,
        opsets: OPSETS,
        inputs: this.#inputs,
        outputs: this.#outputs,
        nodes: this.#nodes,
        initializers,
      });
      return { model, ...(folder !== undefined && { folder }), ...(scratch && { scratch: scratch.path }) };
    } catch (error) {
      if (scratch) await removeScratch(scratch.path);
      throw error;
    } finally {
      await scratch?.close();
    }
  }

  async #quantized(): Promise<[string, { tensor: StoredTensor; shape: readonly number[] }][]> {
    const demands = [...this.#int8.values()];
    if (demands.length === 0) return [];
    const made = await this.form.int8!(this.#name, demands);
    return demands.flatMap(({ label }, k) => {
      const { matrix, scale } = made[k]!;
      return [
        [`${label}.int8`, { tensor: matrix, shape: matrix.shape }],
        [`${label}.scale`, { tensor: scale, shape: scale.shape }],
      ];
    });
  }

  #stored(name: string, shape: readonly number[], rows?: readonly [number, number]): [Value, ElementType] {
    const tensor = this.#checked(name, shape);
    const label = `${name}${rows ? `[${rows.join(':')}]` : ''}${sameShape(tensor.shape, shape) ? '' : `(${shape.join('x')})`}`;
    this.#mapped.set(label, rows ? part(tensor, shape, rows) : { tensor, shape });
    return [label as Value, ELEMENT[tensor.dtype]!];
  }

  /** The stored tensor, which is of floating point and has the shape. */
  #checked(name: string, shape: readonly number[]): StoredTensor {
    const tensor = this.#weights.get(name);
    const file = tensor?.file ?? this.#weights.values().next().value?.file ?? 'checkpoint';
    if (!tensor) {
      throw new CheckpointError(
        `${file}: tensor "${name}" is missing, expected shape [${shape}]. Is this a whole Stable Diffusion checkpoint?`,
      );
    }
    if (!sameButForOnes(tensor.shape, shape)) {
      throw new CheckpointError(
        `${file}: tensor "${name}" has shape [${tensor.shape}], expected [${shape}]. Does the configuration belong to this checkpoint?`,
      );
    }
    if (!ELEMENT[tensor.dtype]) {
      throw new CheckpointError(
        `${file}: tensor "${name}" has dtype ${tensor.dtype}, expected floating point. Is it a quantized checkpoint? Take the original.`,
      );
    }
    return tensor;
  }

  #as(value: Value, type: ElementType): Value {
    if (type === this.#float) return value;
    const key = `${value}:${this.#float}`;
    const cast = this.#casts.get(key) ?? this.cast(value, this.#float);
    this.#casts.set(key, cast);
    return cast;
  }

  #constant(type: ElementType, shape: readonly number[], data: Uint8Array, name: string): Value {
    this.#constants.set(name, { name, type, shape, data });
    return name as Value;
  }

  #push(
    op: string,
    domain: string,
    inputs: readonly string[],
    outputs: string[],
    attributes: Record<string, Attribute>,
  ) {
    this.#nodes.push({ op, domain, inputs, outputs, attributes });
    return outputs as Value[];
  }

  #fresh(op: string): string {
    return `${op}_${this.#count++}`;
  }
}

/** ONNX Runtime can map what lies in a file in C order. */
function isMappable(tensor: StoredTensor): boolean {
  return !tensor.strides && !tensor.bytes;
}

function part(tensor: StoredTensor, shape: readonly number[], [from, to]: readonly [number, number]) {
  const rowBytes = elements(shape.slice(1)) * DTYPE_BYTES[tensor.dtype];
  const partShape = [to - from, ...shape.slice(1)];
  const offset = tensor.offset + from * (tensor.strides ? tensor.strides[0]! * DTYPE_BYTES[tensor.dtype] : rowBytes);
  const bytes = tensor.bytes?.subarray(from * rowBytes, to * rowBytes);
  const storedShape = [to - from, ...tensor.shape.slice(1)];
  return { tensor: { ...tensor, shape: storedShape, offset, ...(bytes && { bytes }) }, shape: partShape };
}

function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((side, axis) => side === b[axis]);
}

function sameButForOnes(a: readonly number[], b: readonly number[]): boolean {
  const long = (shape: readonly number[]) => shape.filter((side) => side !== 1);
  return sameShape(long(a), long(b));
}

/** ONNX Runtime takes external data from one folder and the folders in it. */
function commonFolder(files: readonly string[]): string {
  let folder = dirname(files[0]!);
  while (!files.every((file) => file.startsWith(folder.endsWith(sep) ? folder : folder + sep))) {
    if (dirname(folder) === folder) {
      throw new EaselError(`${files.at(-1)}: it is on another drive than ${files[0]}.`, {
        code: 'severalDrives',
      });
    }
    folder = dirname(folder);
  }
  return folder;
}
