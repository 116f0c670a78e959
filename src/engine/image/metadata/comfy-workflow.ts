import type { Graph, Node } from './comfy-graph.js';
import { type Json, objectOf, parseObject, stringOf } from './json.js';

/**
 * The fields of ComfyUI's own nodes (nodes.py, comfy_extras/nodes_custom_sampler.py) in the order in which the editor
 * keeps their values: it does not always write the names.
 */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  KSampler: ['seed', 'steps', 'cfg', 'sampler_name', 'scheduler', 'denoise'],
  KSamplerAdvanced: [
    ...['add_noise', 'noise_seed', 'steps', 'cfg', 'sampler_name', 'scheduler', 'start_at_step', 'end_at_step'],
    'return_with_leftover_noise',
  ],
  SamplerCustom: ['add_noise', 'noise_seed', 'cfg'],
  RandomNoise: ['noise_seed'],
  KSamplerSelect: ['sampler_name'],
  BasicScheduler: ['scheduler', 'steps', 'denoise'],
  CFGGuider: ['cfg'],
  CLIPTextEncode: ['text'],
  CheckpointLoaderSimple: ['ckpt_name'],
  UNETLoader: ['unet_name', 'weight_dtype'],
  EmptyLatentImage: ['width', 'height', 'batch_size'],
  EmptySD3LatentImage: ['width', 'height', 'batch_size'],
  PrimitiveNode: ['value', 'control'],
};

/** The node is muted, or bypassed: it gives nothing of its own. */
const IDLE = new Set([2, 4]);

/**
 * The graph as ComfyUI's editor keeps it (litegraph): nodes, values without names, and links by number. Null for anything
 * else.
 */
export function workflowGraph(text: string | undefined): Graph | null {
  const { nodes, links } = parseObject(text) ?? {};
  if (!Array.isArray(nodes)) return null;
  const sources = new Map((Array.isArray(links) ? links : []).map(sourceOf));
  const read = nodes.flatMap((value) => {
    const node = objectOf(value);
    const type = stringOf(node?.type);
    if (!node || type === undefined) return [];
    const inputs = (Array.isArray(node.inputs) ? node.inputs : []).map(objectOf).filter((input) => input !== null);
    const linked = inputs.flatMap(({ name, link }) => {
      const source = sources.get(String(link));
      return typeof name === 'string' && source ? [[name, source] as const] : [];
    });
    const idle = IDLE.has(Number(node.mode));
    const own = idle ? {} : valuesOf(type, inputs, node.widgets_values);
    const one: Node = { type: idle ? '' : type, inputs: { ...own, ...Object.fromEntries(linked) } };
    return [[String(node.id), one] as const];
  });
  return read.length > 0 ? new Map(read) : null;
}

/** A link's number, and where it comes from: a list, and since version 1 of the layout an object. */
function sourceOf(link: unknown): readonly [string, readonly [string, number] | null] {
  const { id, origin_id, origin_slot } = objectOf(link) ?? {};
  const [number, node, slot] = Array.isArray(link) ? link : [id, origin_id, origin_slot];
  return [String(number), typeof slot === 'number' ? [String(node), slot] : null];
}

/** Nothing where the values are not as many as the fields: it would not be known which is which. */
function valuesOf(type: string, inputs: readonly Json[], values: unknown): Json {
  if (!Array.isArray(values)) return objectOf(values) ?? {};
  const listed = inputs.map(({ widget }) => stringOf(objectOf(widget)?.name)).filter((name) => name !== undefined);
  const fields = Object.hasOwn(FIELDS, type) ? FIELDS[type]! : listed;
  // Behind a seed the editor keeps what becomes of it after each run; its first versions did not.
  const controlled = fields.flatMap((name) => (/^(?:noise_)?seed$/.test(name) ? [name, ''] : [name]));
  const names = [fields, controlled].find(({ length }) => length === values.length) ?? [];
  return Object.fromEntries(names.map((name, i) => [name, values[i]]).filter(([name]) => name !== ''));
}
