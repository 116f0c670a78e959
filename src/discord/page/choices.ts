import type { PageChannel, PageGuild } from '../page-protocol.js';
import type { Choice } from './elements/select.js';
import { nameOf } from './names.js';
import { Component } from './numbers.js';
import type { Store } from './store.js';

interface SelectLike {
  type: number;
  options?: {
    label: string;
    value: string;
    description?: string;
    emoji?: { id?: string | null; name?: string | null };
  }[];
}

/** The choices of a select menu: its own options, or the members, roles or channels of the place. */
export function choicesOf(select: SelectLike, store: Store, channel: PageChannel | undefined): Choice[] {
  const guild = store.guildOf(channel);
  switch (select.type) {
    case Component.UserSelect:
      return people(store, guild, channel);
    case Component.RoleSelect:
      return roles(guild);
    case Component.MentionableSelect:
      return [...people(store, guild, channel), ...roles(guild)];
    case Component.ChannelSelect:
      return channels(guild);
    default:
      return (select.options ?? []).map(({ label, value, description, emoji }) => ({
        label,
        value,
        description,
        emoji,
      }));
  }
}

export function people(store: Store, guild: PageGuild | undefined, channel: PageChannel | undefined): Choice[] {
  const users = guild?.members.map(({ user }) => user) ?? [
    store.ready!.me.user,
    ...(channel?.recipient ? [channel.recipient] : []),
  ];
  return users.map((user) => ({ label: nameOf(user), value: user.id, description: user.username }));
}

export function roles(guild: PageGuild | undefined): Choice[] {
  return (guild?.roles ?? []).map(({ id, name }) => ({ label: `@${name.replace(/^@/, '')}`, value: id }));
}

export function channels(guild: PageGuild | undefined): Choice[] {
  return (guild?.channels ?? []).map(({ id, name }) => ({ label: `#${name}`, value: id }));
}
