import type { DrivenDiscord } from './drive/driven-discord.js';

/** What most tests begin with: an app, a user, and her guild with the app in it and one channel. */
export function furnish(discord: DrivenDiscord) {
  const application = discord.createApplication('easel');
  const alice = discord.createUser('alice');
  const guild = discord.createGuild('studio', alice);
  discord.install(application, guild);
  return { application, alice, guild, general: discord.createChannel(guild, 'general') };
}
