import { type Guild, PermissionFlagsBits } from 'discord.js';

/** The permissions to write there that the bot lacks; all of them where there is no such channel. */
export function lacking(guild: Guild | null, channelId: string): ('ViewChannel' | 'SendMessages')[] {
  const me = guild?.members.me;
  const channel = guild?.channels.cache.get(channelId);
  const bits = me && channel?.permissionsFor(me);
  return (['ViewChannel', 'SendMessages'] as const).filter((name) => !bits?.has(PermissionFlagsBits[name]));
}

/** Whether every member can read what stands there. */
export function everybodyReads(guild: Guild | null, channelId: string): boolean {
  const channel = guild?.channels.cache.get(channelId);
  return Boolean(guild && channel?.permissionsFor(guild.roles.everyone)?.has(PermissionFlagsBits.ViewChannel));
}
