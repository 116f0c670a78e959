import { readFileSync } from 'node:fs';
import type { Kind, Message, Things } from '../things.js';
import { damaged, unreadable } from './unusable.js';
import { parse } from './value.js';

/** The maps in every world.json. */
const PARTS = ['users', 'guilds', 'channels', 'messages', 'applications', 'files'] as const;

/**
 * The whole world in the one file in which Easel 0.1.0 first kept it.
 *
 * @returns its things, in order. @throws EaselError for a file that was cut off or changed by hand.
 */
export function readWorldJson(path: string): [kind: Kind, thing: Things[Kind]][] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw unreadable(path, cause);
  }
  try {
    const world = parse(text) as Record<string, Map<string, never>>;
    for (const part of PARTS) if (!(world[part] instanceof Map)) throw new TypeError(`${part} is missing`);
    const { messages, files, interactions = new Map(), ...rest } = world;
    const things = (kind: Kind, map: Map<string, Things[Kind]>) =>
      [...map.values()].map((thing): [Kind, Things[Kind]] => [kind, thing]);
    return [
      ...(['users', 'guilds', 'channels', 'applications'] as const).flatMap((kind) => things(kind, rest[kind]!)),
      ...[...messages!.values()].flatMap((inChannel: Map<string, Message>) => things('messages', inChannel)),
      ...things('interactions', interactions),
      ...[...files!].map(([id, file]): [Kind, Things[Kind]] => ['files', { ...(file as Things['files']), id }]),
    ];
  } catch (cause) {
    throw damaged(path, cause);
  }
}
