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

interface Node {
  readonly type: string;
  readonly inputs: Json;
}

/**
 * ComfyUI: the graph that was run, as JSON by the nodes' numbers. It is read where one sampler painted the picture and one
 * text leads to each of its sides; whatever else a graph can do is not guessed at.
 */
export function readComfy(texts: Texts): ReadParameters | null {
  const graph = graphOf(texts);
  if (!graph) return texts.has('prompt') && texts.has('workflow') ? UNREAD : null;
  const samplers = new Set([...graph.values()].filter(({ inputs }) => link(inputs.positive) && isSeed(inputs)));
  // One that paints on what another painted only adds to it.
  const first = [...samplers].filter(
    ({ inputs }) => !behind(graph, inputs.latent_image, (node) => samplers.has(node) || null),
  );
  const [sampler] = first;
  if (!sampler || first.length > 1) return UNREAD;
  const prompt = wordsBehind(graph, sampler.inputs, 'positive');
  if (prompt === null) return UNREAD;
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

const UNREAD: ReadParameters = { prompt: '', negative: '', version: 'ComfyUI', unread: true, other: {} };

/** In WebP and AVIF it is in EXIF's `Model`, with its name in front; other programs write other JSON as `prompt`. */
function graphOf(texts: Texts): ReadonlyMap<string, Node> | null {
  const exif = ['Model', 'Make', 'ImageDescription'].map((tag) => texts.get(tag));
  const tagged = exif.find((text) => text?.startsWith('prompt:'))?.slice('prompt:'.length);
  const written = parseObject(texts.get('prompt') ?? tagged);
  const nodes = Object.entries(written ?? {}).flatMap(([id, value]) => {
    const { class_type: type, inputs } = objectOf(value) ?? {};
    const own = objectOf(inputs);
    return typeof type === 'string' && own ? [[id, { type, inputs: own }] as const] : [];
  });
  return nodes.length > 0 ? new Map(nodes) : null;
}

function isSeed(inputs: Json): boolean {
  return 'seed' in inputs || 'noise_seed' in inputs;
}

/** `["6", 0]`: the first output of node 6. */
function link(value: unknown): string | null {
  return Array.isArray(value) && value.length === 2 && typeof value[1] === 'number' ? String(value[0]) : null;
}

/**
 * The first result among the nodes that lead there, nearest first; null if there is none.
 * @param along the input that is followed alone where a node has it.
 */
function behind<T>(
  graph: ReadonlyMap<string, Node>,
  from: unknown,
  ask: (node: Node) => T | null | undefined,
  along?: string,
): T | null {
  const ids = [link(from)].filter((id) => id !== null);
  // A set that grows while it is walked: no node twice, whatever leads in circles.
  const seen = new Set(ids);
  for (const id of seen) {
    const node = graph.get(id);
    if (!node) continue;
    const answer = ask(node);
    if (answer !== null && answer !== undefined) return answer;
    const only = along ? link(node.inputs[along]) : null;
    const next = only !== null ? [only] : Object.values(node.inputs).map(link);
    for (const one of next) if (one !== null) seen.add(one);
  }
  return null;
}

/** The only text that leads to one input of a sampler; null if there is none, or more than one. */
function wordsBehind(graph: ReadonlyMap<string, Node>, inputs: Json, side: 'positive' | 'negative'): string | null {
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
function valueBehind(graph: ReadonlyMap<string, Node>, from: unknown, name: string): unknown {
  const inputs = graph.get(link(from)!)?.inputs ?? {};
  const value = inputs[name] ?? (name === 'noise_seed' ? inputs.seed : undefined) ?? inputs.value;
  return Array.isArray(value) ? null : value;
}

function sizeOf({ width, height }: Json): { width: number; height: number } | null {
  return typeof width === 'number' && typeof height === 'number' ? { width, height } : null;
}
