import { PermissionFlagsBits } from 'discord-api-types/v10';
import type { LocalDiscord } from './local-discord.js';
import type { Application } from './things.js';

/**
 * The world at the first start: two people (one of them an administrator), two servers with the bot, and its direct
 * messages, so that fairness, permissions and settings can be tried by hand.
 */
export function seed(discord: LocalDiscord): Application {
  const easel = discord.createApplication('Easel');
  const ada = discord.createUser('Ada');
  const ben = discord.createUser('Ben');
  for (const name of ['Studio', 'Book club']) {
    const guild = discord.createGuild(name, ada);
    discord.join(guild, ben);
    const administrators = discord.createRole(guild, 'Administrators', PermissionFlagsBits.Administrator);
    guild.members.get(ada.id)!.roles.push(administrators);
    discord.install(easel, guild);
    // The role that an invitation creates, for permissions beyond everybody's.
    const own = discord.createRole(guild, 'Easel', PermissionFlagsBits.CreateGuildExpressions);
    guild.members.get(easel.botId)!.roles.push(own);
    discord.world.put('guilds', guild);
    discord.createChannel(guild, 'general', { topic: 'Type /imagine and a few words' });
    discord.createChannel(guild, 'paintings');
    discord.createChannel(guild, 'adults-only', { nsfw: true });
  }
  for (const user of [ada, ben]) {
    discord.install(easel, user);
    discord.world.directMessages(user.id, easel.botId);
  }
  return easel;
}
