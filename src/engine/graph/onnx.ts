import Pbf from 'pbf';

/**
 * The part of ONNX's ModelProto that our graphs use, and its encoding as a protocol buffer. Field numbers are those of
 * onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto, IR version 10).
 */
export interface OnnxModelProto {
  name: string;
  /** Operator sets by domain; '' is ONNX's own. */
  opsets: ReadonlyMap<string, number>;
  inputs: readonly ValueInfo[];
  outputs: readonly ValueInfo[];
  nodes: readonly Node[];
  initializers: readonly Initializer[];
}

/** TensorProto.DataType. */
export const ELEMENT_TYPE = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  bfloat16: 16,
  float8e4m3fn: 17,
  float8e5m2: 19,
} as const;

export type ElementType = keyof typeof ELEMENT_TYPE;

export interface ValueInfo {
  name: string;
  type: ElementType;
  /** Numbers are fixed; a string names a dimension known only when the graph runs. */
  shape: readonly (number | string)[];
}

/** An integral number becomes INT; `{ float }` FLOAT; text STRING; an array INTS; `{ graph }` GRAPH. */
export type Attribute = number | string | readonly number[] | { float: number } | { graph: Graph };

/** A graph inside a node. Its nodes may use the values and initializers of the surrounding graph. */
export type Graph = Pick<OnnxModelProto, 'name' | 'inputs' | 'outputs' | 'nodes'>;

export interface Node {
  op: string;
  domain: string;
  inputs: readonly string[];
  outputs: readonly string[];
  attributes: Readonly<Record<string, Attribute>>;
}

export interface Initializer {
  name: string;
  type: ElementType;
  shape: readonly number[];
  /** Raw little-endian bytes in the model, or a place in a file (`location` is relative to the session's folder). */
  data: Uint8Array | { location: string; offset: number; length: number };
}

const IR_VERSION = 10;
const EXTERNAL = 1;
const ATTRIBUTE_TYPE = { FLOAT: 1, INT: 2, STRING: 3, GRAPH: 5, INTS: 7 };

/** The bytes of a ModelProto. Tensors inside it must be small: a protocol buffer is limited to 2 GB. */
export function encodeModel(model: OnnxModelProto): Uint8Array {
  const pbf = new Pbf();
  pbf.writeVarintField(1, IR_VERSION);
  pbf.writeStringField(2, 'easel');
  pbf.writeMessage(7, writeGraph, model);
  for (const opset of model.opsets) pbf.writeMessage(8, writeOpset, opset);
  return pbf.finish();
}

function writeOpset([domain, version]: [string, number], pbf: Pbf): void {
  pbf.writeStringField(1, domain);
  pbf.writeVarintField(2, version);
}

function writeGraph(
  { name, nodes, initializers = [], inputs, outputs }: Graph & Partial<OnnxModelProto>,
  pbf: Pbf,
): void {
  for (const node of nodes) pbf.writeMessage(1, writeNode, node);
  pbf.writeStringField(2, name);
  for (const initializer of initializers) pbf.writeMessage(5, writeInitializer, initializer);
  for (const input of inputs) pbf.writeMessage(11, writeValueInfo, input);
  for (const output of outputs) pbf.writeMessage(12, writeValueInfo, output);
}

function writeNode({ op, domain, inputs, outputs, attributes }: Node, pbf: Pbf): void {
  for (const input of inputs) pbf.writeStringField(1, input);
  for (const output of outputs) pbf.writeStringField(2, output);
  pbf.writeStringField(3, outputs[0]!);
  pbf.writeStringField(4, op);
  for (const attribute of Object.entries(attributes)) pbf.writeMessage(5, writeAttribute, attribute);
  if (domain !== '') pbf.writeStringField(7, domain);
}

function writeAttribute([name, value]: [string, Attribute], pbf: Pbf): void {
  pbf.writeStringField(1, name);
  if (typeof value === 'number') {
    pbf.writeVarintField(3, value);
    pbf.writeVarintField(20, ATTRIBUTE_TYPE.INT);
  } else if (typeof value === 'string') {
    pbf.writeStringField(4, value);
    pbf.writeVarintField(20, ATTRIBUTE_TYPE.STRING);
  } else if ('float' in value) {
    pbf.writeFloatField(2, value.float);
    pbf.writeVarintField(20, ATTRIBUTE_TYPE.FLOAT);
  } else if ('graph' in value) {
    pbf.writeMessage(6, writeGraph, value.graph);
    pbf.writeVarintField(20, ATTRIBUTE_TYPE.GRAPH);
  } else {
    for (const item of value) pbf.writeVarintField(8, item);
    pbf.writeVarintField(20, ATTRIBUTE_TYPE.INTS);
  }
}

function writeInitializer({ name, type, shape, data }: Initializer, pbf: Pbf): void {
  for (const side of shape) pbf.writeVarintField(1, side);
  pbf.writeVarintField(2, ELEMENT_TYPE[type]);
  pbf.writeStringField(8, name);
  if (data instanceof Uint8Array) {
    pbf.writeBytesField(9, data);
    return;
  }
  for (const [key, value] of Object.entries(data)) pbf.writeMessage(13, writeStringEntry, [key, String(value)]);
  pbf.writeVarintField(14, EXTERNAL);
}

function writeStringEntry([key, value]: string[], pbf: Pbf): void {
  pbf.writeStringField(1, key!);
  pbf.writeStringField(2, value!);
}

function writeValueInfo({ name, type, shape }: ValueInfo, pbf: Pbf): void {
  pbf.writeStringField(1, name);
  // TypeProto { tensor_type: { elem_type, shape: { dim: [{ dim_value | dim_param }] } } }
  pbf.writeMessage(
    2,
    (_, typeProto) => {
      typeProto.writeMessage(
        1,
        (_, tensor) => {
          tensor.writeVarintField(1, ELEMENT_TYPE[type]);
          tensor.writeMessage(
            2,
            (_, sides) => {
              for (const side of shape) sides.writeMessage(1, writeDimension, side);
            },
            null,
          );
        },
        null,
      );
    },
    null,
  );
}

function writeDimension(side: number | string, pbf: Pbf): void {
  if (typeof side === 'number') pbf.writeVarintField(1, side);
  else pbf.writeStringField(2, side);
}
