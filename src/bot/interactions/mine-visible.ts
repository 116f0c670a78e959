import {
  ChannelType,
  type ChatInputCommandInteraction,
  DiscordAPIError,
  InteractionContextType,
  type MessageComponentInteraction,
  PermissionFlagsBits,
} from 'discord.js';
import { ifWithinReach } from '../gateway/discord-errors.js';
import type { Found, Results } from '../storage/results.js';

type Asked = ChatInputCommandInteraction | MessageComponentInteraction;

/** Of which guilds a member's results are shown here: this one's, and only in direct messages with the bot all. */
export async function placesFor(results: Results, { user, guildId, context }: Asked): Promise<(string | null)[]> {
  if (guildId) return [guildId];
  return context === InteractionContextType.PrivateChannel ? [null] : results.lists.places(user.id);
}

/**
 * Whether a result of a member may be shown to them here. In a guild: if they can still see its channel. In a group's
 * direct messages: if it was painted there.
 */
export function visibleTo(interaction: Asked): (found: Found) => Promise<boolean> {
  const { guildId, channelId, context, user } = interaction;
  const known = new Map<string, Promise<boolean>>();
  return async ({ record }) => {
    if (record.userId !== user.id) return false;
    if (!guildId && context !== InteractionContextType.PrivateChannel) return true;
    if (record.channelId === channelId) return true;
    if (!guildId || record.guildId !== guildId) return false;
    const seen = known.get(record.channelId) ?? seesChannel(interaction, record.channelId);
    known.set(record.channelId, seen);
    return seen;
  };
}

/** Without the bot in the guild, nothing is known of its channels. */
async function seesChannel(interaction: Asked, id: string): Promise<boolean> {
  if (!interaction.inCachedGuild()) return false;
  const { client, guild, member, user } = interaction;
  const channel = await ifWithinReach(client.channels.fetch(id));
  if (!channel) return false;
  // What could not be answered in its channel was sent to the member.
  if (channel.isDMBased()) return channel.type === ChannelType.DM && channel.recipientId === user.id;
  if (channel.guildId !== guild.id) return false;
  const may = channel.permissionsFor(member);
  if (!may.has(PermissionFlagsBits.ViewChannel)) return false;
  if (channel.type !== ChannelType.PrivateThread || may.has(PermissionFlagsBits.ManageThreads)) return true;
  return channel.members.fetch(user.id).then(
    () => true,
    (error) => {
      // Not a member of the thread.
      if (error instanceof DiscordAPIError && error.status === 404) return false;
      throw error;
    },
  );
}
