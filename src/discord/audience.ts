import { GatewayIntentBits as Intent } from 'discord-api-types/v10';
import { permissionsIn } from './permissions.js';
import type { Application } from './things.js';
import type { World, WorldEvent } from './world.js';

/**
 * The intent that an event needs, in guilds and in direct messages; events not listed need none (documentation, "List
 * of intents").
 */
const INTENTS: Record<string, { guild: number; direct: number }> = {
  MESSAGE: { guild: Intent.GuildMessages, direct: Intent.DirectMessages },
  REACTION: { guild: Intent.GuildMessageReactions, direct: Intent.DirectMessageReactions },
  TYPING: { guild: Intent.GuildMessageTyping, direct: Intent.DirectMessageTyping },
  GUILD_MEMBER: { guild: Intent.GuildMembers, direct: 0 },
  GUILD_EMOJIS: { guild: Intent.GuildExpressions, direct: 0 },
  GUILD_STICKERS: { guild: Intent.GuildExpressions, direct: 0 },
  CHANNEL: { guild: Intent.Guilds, direct: 0 },
  THREAD: { guild: Intent.Guilds, direct: 0 },
  GUILD: { guild: Intent.Guilds, direct: 0 },
};

const VIEW_CHANNEL = 1n << 10n;

/**
 * What a session gets of an event: its data, without the content of other people's messages unless it may read them;
 * undefined if nothing.
 */
export function maySee(world: World, application: Application, intents: number, event: WorldEvent): unknown {
  const { name, data, guildId, channelId, onlyFor, applicationId } = event;
  if (applicationId) return applicationId === application.id ? data : undefined;
  // Ephemeral messages never pass through the gateway.
  if (onlyFor) return undefined;
  if (guildId && !application.guilds.has(guildId)) return undefined;
  const channel = channelId ? world.channels.get(channelId) : undefined;
  if (channel && !name.startsWith('CHANNEL')) {
    const isThere = channel.guildId
      ? permissionsIn(world, channel, application.botId) & VIEW_CHANNEL
      : channel.recipients.includes(application.botId);
    if (!isThere) return undefined;
  }
  const kind = name.startsWith('MESSAGE_REACTION')
    ? 'REACTION'
    : Object.keys(INTENTS).find((key) => name.startsWith(key));
  const needed = kind ? INTENTS[kind]![guildId ? 'guild' : 'direct'] : 0;
  if (needed && !(intents & needed)) return undefined;
  const isMessage = name === 'MESSAGE_CREATE' || name === 'MESSAGE_UPDATE';
  return isMessage && !mayRead(application, intents, data as Readable) ? blank(data as Readable) : data;
}

interface Readable {
  guild_id?: string;
  author?: { id: string };
  mentions?: { id: string }[];
}

/** Message content is privileged, except in direct messages, the app's own messages, and messages that mention it. */
export function mayRead(application: Application, intents: number, message: Readable): boolean {
  if (intents & Intent.MessageContent || !message.guild_id || message.author?.id === application.botId) return true;
  return message.mentions?.some(({ id }) => id === application.botId) ?? false;
}

export function blank<M extends object>(message: M): M {
  return { ...message, content: '', embeds: [], attachments: [], components: [] };
}
