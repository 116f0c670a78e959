import { ComponentType as Component, ApplicationCommandOptionType as Option } from 'discord-api-types/v10';
import type { Payloads } from './payload.js';
import type { Channel, User } from './things.js';
import type { World } from './world.js';

interface Services {
  world: World;
  payloads: Payloads;
}

/** The users, roles and channels in an interaction's values, as the API includes them. */
export interface Resolved {
  users?: Record<string, unknown>;
  members?: Record<string, unknown>;
  roles?: Record<string, unknown>;
  channels?: Record<string, unknown>;
  attachments?: Record<string, unknown>;
}

/** Select menus and command options that take ids (documentation, "Resolved Data Structure"). */
const USERS = {
  component: [Component.UserSelect, Component.MentionableSelect],
  option: [Option.User, Option.Mentionable],
};
const ROLES = {
  component: [Component.RoleSelect, Component.MentionableSelect],
  option: [Option.Role, Option.Mentionable],
};
const CHANNELS = { component: [Component.ChannelSelect], option: [Option.Channel] };

/** @param kind whether `type` is a component's or an option's. @throws DiscordError 10003 for an unknown channel. */
export function resolve(
  { world, payloads }: Services,
  channel: Channel,
  reader: User,
  values: readonly string[],
  type: number,
  kind: 'component' | 'option',
): Resolved {
  const takes = (kinds: Record<typeof kind, readonly number[]>) => kinds[kind].includes(type);
  const guild = channel.guildId ? world.guild(channel.guildId) : null;
  const of = (ids: readonly string[], show: (id: string) => unknown) =>
    Object.fromEntries(ids.map((id) => [id, show(id)]));
  const users = takes(USERS) ? values.filter((id) => world.users.has(id)) : [];
  const members = users.filter((id) => guild?.members.has(id));
  const roles = takes(ROLES) ? values.filter((id) => guild?.roles.has(id)) : [];
  const channels = takes(CHANNELS) ? values : [];
  return {
    ...(users.length > 0 && { users: of(users, (id) => payloads.user(world.user(id))) }),
    ...(members.length > 0 && { members: of(members, (id) => payloads.member(guild!, guild!.members.get(id)!)) }),
    ...(roles.length > 0 && { roles: of(roles, (id) => payloads.role(guild!, id)) }),
    ...(channels.length > 0 && {
      channels: of(channels, (id) => payloads.partialChannel(world.channel(id), reader.id)),
    }),
  };
}

/** Merges what several values resolved to; undefined if that is nothing. */
export function joined(parts: readonly Resolved[]): Resolved | undefined {
  const all: Resolved = {};
  for (const part of parts) {
    for (const [name, entries] of Object.entries(part) as [keyof Resolved, Record<string, unknown>][]) {
      all[name] = { ...all[name], ...entries };
    }
  }
  return Object.keys(all).length > 0 ? all : undefined;
}
