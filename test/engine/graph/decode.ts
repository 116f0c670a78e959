import Pbf from 'pbf';
import { ELEMENT_TYPE } from '../../../src/engine/graph/onnx.js';

export interface DecodedNode {
  op: string;
  domain: string;
  inputs: string[];
  outputs: string[];
  /** INT attributes only. */
  ints: Record<string, number>;
}

export interface DecodedInitializer {
  name: string;
  type: string;
  shape: number[];
  inline?: Uint8Array;
  external: Record<string, string>;
}

export interface DecodedModel {
  nodes: DecodedNode[];
  initializers: DecodedInitializer[];
  inputs: Record<string, string>;
  outputs: Record<string, string>;
}

const typeName = (code: number) => Object.entries(ELEMENT_TYPE).find(([, number]) => number === code)?.[0] ?? `${code}`;

/** Reads a ModelProto back, written from onnx.proto independently of the encoder. */
export function decodeModel(bytes: Uint8Array): DecodedModel {
  const model: DecodedModel = { nodes: [], initializers: [], inputs: {}, outputs: {} };
  new Pbf(bytes).readFields((tag, result, pbf) => {
    if (tag === 7) pbf.readMessage(readGraph, result);
  }, model);
  return model;
}

function readGraph(tag: number, model: DecodedModel, pbf: Pbf): void {
  if (tag === 1) model.nodes.push(pbf.readMessage(readNode, { op: '', domain: '', inputs: [], outputs: [], ints: {} }));
  if (tag === 5) model.initializers.push(pbf.readMessage(readTensor, { name: '', type: '', shape: [], external: {} }));
  if (tag === 11 || tag === 12) {
    const { name, type } = pbf.readMessage(readValueInfo, { name: '', type: '' });
    (tag === 11 ? model.inputs : model.outputs)[name] = type;
  }
}

function readNode(tag: number, node: DecodedNode, pbf: Pbf): void {
  if (tag === 1) node.inputs.push(pbf.readString());
  if (tag === 2) node.outputs.push(pbf.readString());
  if (tag === 4) node.op = pbf.readString();
  if (tag === 7) node.domain = pbf.readString();
  if (tag === 5) {
    const attribute = pbf.readMessage(
      (field, into, message) => {
        if (field === 1) into.name = message.readString();
        if (field === 3) into.value = message.readVarint(true);
      },
      { name: '', value: undefined as number | undefined },
    );
    if (attribute.value !== undefined) node.ints[attribute.name] = attribute.value;
  }
}

function readTensor(tag: number, tensor: DecodedInitializer, pbf: Pbf): void {
  if (tag === 1) pbf.readPackedVarint(tensor.shape);
  if (tag === 2) tensor.type = typeName(pbf.readVarint());
  if (tag === 8) tensor.name = pbf.readString();
  if (tag === 9) tensor.inline = pbf.readBytes().slice();
  if (tag === 13) {
    const entry = pbf.readMessage(
      (field, into, message) => {
        into[field - 1] = message.readString();
      },
      ['', ''],
    );
    tensor.external[entry[0]!] = entry[1]!;
  }
}

function readValueInfo(tag: number, info: { name: string; type: string }, pbf: Pbf): void {
  if (tag === 1) info.name = pbf.readString();
  // TypeProto.tensor_type.elem_type
  if (tag === 2) {
    pbf.readMessage((typeTag, into, message) => {
      if (typeTag !== 1) return;
      message.readMessage((field, inner, tensor) => {
        if (field === 1) inner.type = typeName(tensor.readVarint());
      }, into);
    }, info);
  }
}
