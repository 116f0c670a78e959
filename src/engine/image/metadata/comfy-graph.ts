import type { Json } from './json.js';

/** A node of ComfyUI's graph. What another node gives it is a {@link link}. */
export interface Node {
  readonly type: string;
  readonly inputs: Json;
}

/** Nodes by their numbers. */
export type Graph = ReadonlyMap<string, Node>;

/** `["6", 0]`: the first output of node 6. */
export function link(value: unknown): string | null {
  return Array.isArray(value) && value.length === 2 && typeof value[1] === 'number' ? String(value[0]) : null;
}

/**
 * The first result among the nodes that lead there, nearest first; null if there is none.
 * @param along the input that is followed alone where a node has it.
 */
export function behind<T>(
  graph: Graph,
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
