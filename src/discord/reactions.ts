import type { Payloads } from './payload.js';
import type { Channel, Message } from './things.js';
import type { World } from './world.js';

interface Services {
  world: World;
  payloads: Payloads;
}

/** Whether an emoji exists: a Unicode character, or name:id of a guild's or an app's. */
export function isEmoji({ guilds, applications }: World, emoji: string): boolean {
  const [, id] = /^\w+:(\d+)$/.exec(emoji) ?? [];
  if (!id) return /^(\p{Extended_Pictographic}|\p{Regional_Indicator}{2}|[0-9#*]\uFE0F?\u20E3)/u.test(emoji);
  return [...guilds.values(), ...applications.values()].some(({ emojis }) => emojis?.has(id));
}

/** @param emoji a character, or name:id. */
export function react(services: Services, channel: Channel, message: Message, userId: string, emoji: string): void {
  const users = message.reacted.get(emoji) ?? [];
  if (users.includes(userId)) return;
  message.reacted.set(emoji, [...users, userId]);
  services.world.put('messages', message);
  tell(services, 'MESSAGE_REACTION_ADD', channel, message, userId, emoji);
}

export function unreact(services: Services, channel: Channel, message: Message, userId: string, emoji: string): void {
  const users = message.reacted.get(emoji) ?? [];
  if (!users.includes(userId)) return;
  const others = users.filter((id) => id !== userId);
  if (others.length > 0) message.reacted.set(emoji, others);
  else message.reacted.delete(emoji);
  services.world.put('messages', message);
  tell(services, 'MESSAGE_REACTION_REMOVE', channel, message, userId, emoji);
}

function tell(
  services: Services,
  name: string,
  channel: Channel,
  message: Message,
  userId: string,
  emoji: string,
): void {
  const { world, payloads } = services;
  const guild = channel.guildId ? world.guild(channel.guildId) : null;
  const member = guild?.members.get(userId);
  const [emojiName, id = null] = emoji.split(':');
  world.publish({
    name,
    data: {
      user_id: userId,
      channel_id: channel.id,
      message_id: message.id,
      message_author_id: message.author.id,
      ...(guild && { guild_id: guild.id }),
      ...(guild && member && name.endsWith('ADD') && { member: payloads.member(guild, member) }),
      emoji: { id, name: emojiName },
      burst: false,
      type: 0,
    },
    guildId: channel.guildId,
    channelId: channel.id,
    onlyFor: message.onlyFor,
  });
}
