import { behind, type Graph, link, type Node } from './comfy-graph.js';
import { workflowGraph } from './comfy-workflow.js';
import { named } from './fields.js';
import { type Json, objectOf, parseObject, stringOf } from './json.js';
import type { ReadParameters } from './parameters.js';
import type { Texts } from './texts.js';

const NAMES = {
  seed: 'seed',
  noise_seed: 'seed',
  steps: 'steps',
  cfg: 'scale',
  sampler_name: 'sampler',
  scheduler: 'scheduleType',
  denoise: 'strength',
} as const;

/**
 * ComfyUI: the graph that was run, as JSON by the nodes' numbers, or else the graph as its editor keeps it. It is read where
 * one sampler painted the picture and one text leads to each of its sides; whatever else a graph can do is not guessed at.
 */
export function readComfy(texts: Texts): ReadParameters | null {
  const graph = graphOf(textOf(texts, 'prompt')) ?? workflowGraph(textOf(texts, 'workflow'));
  const read = graph && readGraph(new Map([...graph].map(([id, node]) => [id, gathered(graph, node)])));
  if (read) return read;
  // Other programs write other words and other JSON as `prompt`.
  return graph || (texts.has('prompt') && texts.has('workflow')) ? UNREAD : null;
}

const UNREAD: ReadParameters = { prompt: '', negative: '', version: 'ComfyUI', unread: true, other: {} };

function readGraph(graph: Graph): ReadParameters | null {
  const samplers = new Set([...graph.values()].filter(({ inputs }) => link(inputs.positive) && isSeed(inputs)));
  // One that paints on what another painted only adds to it.
  const first = [...samplers].filter(
    ({ inputs }) => !behind(graph, inputs.latent_image, (node) => samplers.has(node) || null),
  );
  const [sampler] = first;
  if (!sampler || first.length > 1) return null;
  const prompt = wordsBehind(graph, sampler.inputs, 'positive');
  if (prompt === null) return null;
  const { model, positive, negative, latent_image, ...settings } = sampler.inputs;
  const own = Object.entries(settings).map(([name, value]) => [
    name,
    link(value) ? valueBehind(graph, value, name) : value,
  ]);
  const checkpoint = behind(graph, model, ({ inputs }) => stringOf(inputs.ckpt_name ?? inputs.unet_name));
  const size = behind(graph, latent_image, ({ inputs }) => sizeOf(inputs));
  const read = named(Object.fromEntries(own), NAMES);
  // A picture that is painted from nothing has no strength.
  const { strength, ...rest } = read;
  return {
    ...rest,
    ...(strength !== undefined && strength !== 1 && { strength }),
    prompt,
    negative: wordsBehind(graph, sampler.inputs, 'negative') ?? '',
    ...(checkpoint !== null && { model: checkpoint }),
    ...size,
    version: 'ComfyUI',
  };
}

/** In WebP and AVIF it is in EXIF, with its name in front. */
function textOf(texts: Texts, name: 'prompt' | 'workflow'): string | undefined {
  const exif = ['Model', 'Make', 'ImageDescription'].map((tag) => texts.get(tag));
  return texts.get(name) ?? exif.find((text) => text?.startsWith(`${name}:`))?.slice(name.length + 1);
}

function graphOf(text: string | undefined): Graph | null {
  const nodes = Object.entries(parseObject(text) ?? {}).flatMap(([id, value]) => {
    const { class_type: type, inputs } = objectOf(value) ?? {};
    const own = objectOf(inputs);
    return typeof type === 'string' && own ? [[id, { type, inputs: own }] as const] : [];
  });
  return nodes.length > 0 ? new Map(nodes) : null;
}

/** The custom samplers are given by other nodes what KSampler has itself (comfy_extras/nodes_custom_sampler.py). */
function gathered(graph: Graph, node: Node): Node {
  const { noise, guider, sampler, sigmas, ...inputs } = node.inputs;
  if (link(sampler) === null || link(sigmas) === null) return node;
  const guide = graph.get(link(guider) ?? '')?.inputs ?? {};
  const spaced = behind(graph, sigmas, (one) => ('steps' in one.inputs ? one.inputs : null)) ?? {};
  const given: Json = {
    noise_seed: behind(graph, noise, (one) => one.inputs.noise_seed),
    sampler_name: behind(graph, sampler, (one) => stringOf(one.inputs.sampler_name)),
    model: guide.model,
    positive: guide.positive ?? guide.conditioning,
    negative: guide.negative,
    cfg: guide.cfg,
    steps: spaced.steps,
    scheduler: spaced.scheduler,
    denoise: spaced.denoise,
  };
  const known = Object.entries(given).filter(([, value]) => value !== null && value !== undefined);
  return { type: node.type, inputs: { ...Object.fromEntries(known), ...inputs } };
}

function isSeed(inputs: Json): boolean {
  return 'seed' in inputs || 'noise_seed' in inputs;
}

/** The only text that leads to one input of a sampler; null if there is none, or more than one. */
function wordsBehind(graph: Graph, inputs: Json, side: 'positive' | 'negative'): string | null {
  const found = new Set<string>();
  const collect = ({ type, inputs: own }: Node) => {
    if (!/text|prompt|string|primitive/i.test(type)) return;
    for (const name of ['text', 'text_g', 'text_l', 'prompt', 'string', 'value']) {
      const words = stringOf(own[name]);
      if (words !== undefined) found.add(words);
    }
  };
  behind(graph, inputs[side], collect, side);
  const said = [...found].filter((words) => words !== '');
  return said.length > 1 ? null : (said[0] ?? (found.size > 0 ? '' : null));
}

/** A value that another node gives, under the same name or as the only one that it has. */
function valueBehind(graph: Graph, from: unknown, name: string): unknown {
  const inputs = graph.get(link(from)!)?.inputs ?? {};
  const value = inputs[name] ?? (name === 'noise_seed' ? inputs.seed : undefined) ?? inputs.value;
  return Array.isArray(value) ? null : value;
}

function sizeOf({ width, height }: Json): { width: number; height: number } | null {
  return typeof width === 'number' && typeof height === 'number' ? { width, height } : null;
}
