import {
  ChannelType,
  type Client,
  Events,
  GatewayDispatchEvents,
  type GatewayMessageCreateDispatchData,
  type GatewayMessageReactionAddDispatchData,
  ReactionType,
} from 'discord.js';

/**
 * Lets through what happens first in a direct message channel, after a start or ever: discord.js drops events of channels
 * that it does not know yet. Listens before discord.js reads an event.
 */
export function hearDirectMessages(client: Client): void {
  client.ws.on(GatewayDispatchEvents.MessageCreate, (message: GatewayMessageCreateDispatchData) => {
    // With the type, which Discord may leave out, discord.js makes the channel itself. Bots are in no group's channel.
    if (!message.guild_id) message.channel_type ??= ChannelType.DM;
  });
  client.ws.on(GatewayDispatchEvents.MessageReactionAdd, (added: GatewayMessageReactionAddDispatchData) => {
    if (added.guild_id || client.channels.cache.has(added.channel_id)) return;
    void repeat(client, added).catch((error) => client.emit(Events.Warn, `a reaction was not read: ${error}`));
  });
}

/** Emits what discord.js would have, once the channel is known. */
async function repeat(client: Client, added: GatewayMessageReactionAddDispatchData): Promise<void> {
  const { channel_id, message_id, user_id, emoji, burst } = added;
  const channel = await client.channels.fetch(channel_id);
  if (!channel?.isTextBased()) return;
  const message = await channel.messages.fetch(message_id);
  const reaction = message.reactions.resolve((emoji.id ?? emoji.name)!);
  const type = burst ? ReactionType.Super : ReactionType.Normal;
  if (reaction) client.emit(Events.MessageReactionAdd, reaction, await client.users.fetch(user_id), { type, burst });
}
