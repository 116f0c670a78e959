import { ComponentType, PermissionFlagsBits as P } from 'discord-api-types/v10';
import type { MessageInput } from './message-input.js';
import { permissionsIn } from './permissions.js';
import type { Channel } from './things.js';
import type { World } from './world.js';

/** Whom a message notifies: ids of users and roles, and whether everyone. */
export interface Mentions {
  everyone: boolean;
  users: string[];
  roles: string[];
}

/**
 * Whom the text mentions, as far as `allowed_mentions` allows: by default everybody, but in answers to interactions
 * only users (documentation, "Allowed Mentions Object"). Roles and everyone also need the permission Mention Everyone.
 */
export function mentionsIn(
  world: World,
  channel: Channel,
  authorId: string,
  input: MessageInput,
  isAnswer: boolean,
): Mentions {
  const text = [String(input.content ?? ''), ...displayed(input.components ?? [])].join('\n');
  const allowed = input.allowed_mentions ?? { parse: isAnswer ? ['users'] : ['users', 'roles', 'everyone'] };
  const named = (pattern: RegExp, kind: 'users' | 'roles') => {
    const ids = new Set([...text.matchAll(pattern)].map(([, id]) => id!));
    return [...ids].filter((id) => allowed.parse?.includes(kind) || allowed[kind]?.includes(id));
  };
  const guild = channel.guildId ? world.guild(channel.guildId) : null;
  const mayAll = guild !== null && (permissionsIn(world, channel, authorId) & P.MentionEveryone) !== 0n;
  return {
    everyone: mayAll && /@(everyone|here)\b/.test(text) && allowed.parse?.includes('everyone') === true,
    users: named(/<@!?(\d+)>/g, 'users').filter((id) => world.users.has(id)),
    roles: mayAll ? named(/<@&(\d+)>/g, 'roles').filter((id) => guild.roles.has(id)) : [],
  };
}

/** The text of components, which can mention just like content (documentation, "Text Display"). */
function displayed(components: readonly { type: number; content?: string; components?: never[] }[]): string[] {
  return components.flatMap(({ type, content, components = [] }) => [
    ...(type === ComponentType.TextDisplay && content ? [content] : []),
    ...displayed(components),
  ]);
}
