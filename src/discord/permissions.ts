import { PermissionFlagsBits as P } from 'discord-api-types/v10';
import type { Channel, Guild } from './things.js';
import type { World } from './world.js';

/** All permissions, which is what an administrator has. */
const ALL = Object.values(P).reduce((all, bit) => all | bit, 0n);

/** An app's permissions in its direct messages (documentation, "app_permissions"). */
const IN_DIRECT_MESSAGES =
  P.ViewChannel |
  P.SendMessages |
  P.AttachFiles |
  P.EmbedLinks |
  P.MentionEveryone |
  P.AddReactions |
  P.ReadMessageHistory;

/**
 * A member's permissions in a channel: roles, then the channel's overwrites (documentation, "Permission overwrites").
 */
export function permissionsIn(world: World, channel: Channel, userId: string): bigint {
  if (!channel.guildId) return channel.recipients.includes(userId) ? IN_DIRECT_MESSAGES : 0n;
  const guild = world.guild(channel.guildId);
  const member = guild.members.get(userId);
  if (!member) return 0n;
  const base = permissionsOf(guild, userId);
  if (base & P.Administrator) return ALL;
  // A thread has no overwrites of its own.
  const { overwrites } = channel.parentId && channel.thread ? world.channel(channel.parentId) : channel;
  let permissions = base;
  const apply = (targets: readonly string[]) => {
    const found = overwrites.filter(({ id }) => targets.includes(id));
    permissions &= ~found.reduce((deny, overwrite) => deny | overwrite.deny, 0n);
    permissions |= found.reduce((allow, overwrite) => allow | overwrite.allow, 0n);
  };
  apply([guild.id]);
  apply(member.roles);
  apply([userId]);
  if (!(permissions & P.ViewChannel)) return 0n;
  const canSend = channel.thread ? P.SendMessagesInThreads : P.SendMessages;
  return permissions & canSend ? permissions : permissions & ~(P.AttachFiles | P.EmbedLinks | P.MentionEveryone);
}

/** The permissions of a member's roles in the guild. */
export function permissionsOf(guild: Guild, userId: string): bigint {
  if (guild.ownerId === userId) return ALL;
  const roles = [guild.id, ...(guild.members.get(userId)?.roles ?? [])];
  const permissions = roles.reduce((all, id) => all | (guild.roles.get(id)?.permissions ?? 0n), 0n);
  return permissions & P.Administrator ? ALL : permissions;
}
