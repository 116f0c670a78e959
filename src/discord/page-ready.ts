import type { APIUser } from 'discord-api-types/v10';
import type { LocalDiscord } from './local-discord.js';
import type { PageAccount, PageChannel, PageReady } from './page-protocol.js';
import { permissionsIn, permissionsOf } from './permissions.js';
import type { Channel, User } from './things.js';

const VIEW_CHANNEL = 1n << 10n;
const ADMINISTRATOR = 1n << 3n;
const MANAGE_GUILD = 1n << 5n;

/** Everything a window needs at its start, as far as its account may see it. */
export function pageReady(
  discord: LocalDiscord,
  user: User,
  { examples, demonstration, online }: Pick<PageReady, 'examples' | 'demonstration' | 'online'>,
): PageReady {
  const { world, payloads, gateway } = discord;
  const shown = (one: User) => payloads.user(one) as unknown as APIUser;
  const guilds = [...world.guilds.values()].filter(({ members }) => members.has(user.id));
  const account = (one: User): PageAccount => ({
    user: shown(one),
    locale: one.locale,
    administrator: [...world.guilds.values()].some(
      (guild) => guild.members.has(one.id) && (permissionsOf(guild, one.id) & ADMINISTRATOR) !== 0n,
    ),
  });
  const channel = (one: Channel): PageChannel => {
    const other = one.recipients.find((id) => id !== user.id);
    const recipient = other ? world.user(other) : null;
    return {
      id: one.id,
      guild_id: one.guildId,
      name: recipient?.globalName ?? one.name,
      topic: one.topic,
      nsfw: one.nsfw,
      parent_id: one.parentId,
      thread: one.thread,
      recipient: recipient && shown(recipient),
      permissions: permissionsIn(world, one, user.id).toString(),
    };
  };
  const visible = (one: Channel) => (permissionsIn(world, one, user.id) & VIEW_CHANNEL) !== 0n;
  const channels = [...world.channels.values()].filter(visible);
  return {
    me: account(user),
    accounts: [...world.users.values()].filter(({ bot }) => !bot).map(account),
    guilds: guilds.map((guild) => ({
      id: guild.id,
      name: guild.name,
      owner_id: guild.ownerId,
      preferred_locale: guild.locale,
      manageable: (permissionsOf(guild, user.id) & MANAGE_GUILD) !== 0n,
      roles: [...guild.roles.values()].map(({ id, name, color }) => ({ id, name, color })),
      members: [...guild.members.values()].map(({ userId, roles }) => ({ user: shown(world.user(userId)), roles })),
      channels: channels.filter(({ guildId }) => guildId === guild.id).map(channel),
      emojis: [...guild.emojis.values()].map(({ id, name, animated }) => ({ id, name, animated })),
      stickers: [...guild.stickers.values()].map(({ id, name, description, tags }) => ({
        id,
        name,
        description,
        tags,
      })),
    })),
    directMessages: channels.filter(({ guildId }) => !guildId).map(channel),
    applications: [...world.applications.values()].map((application) => ({
      id: application.id,
      bot: shown(world.user(application.botId)),
      online: gateway.sessions.some((session) => session.application === application && session.socket !== null),
      commands: [...application.commands.values()].flat(),
      guild_ids: [...application.guilds],
      installed: application.users.has(user.id),
    })),
    online,
    examples,
    demonstration,
  };
}
