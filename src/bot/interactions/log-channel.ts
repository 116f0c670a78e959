import { type ChatInputCommandInteraction, channelMention } from 'discord.js';
import type { Ask } from '../intake/ask.js';
import type { ModerationLog } from '../moderation/log.js';
import { everybodyReads, lacking } from '../moderation/may-write.js';
import { managedGuild } from '../rules/manager.js';
import type { GuildSettings } from '../rules/settings.js';
import { Refusal } from '../text/refusal.js';
import { confirm } from './settings-menu.js';

export interface LogNeeds {
  readonly settings: GuildSettings;
  readonly moderation: ModerationLog;
}

/**
 * Chooses the channel of the moderation log, or none. The prompts of hidden requests stand there too, so whoever chooses
 * it is told if everybody can read it.
 *
 * @throws Refusal where the bot may not write.
 */
export async function chooseLog(
  { settings, moderation }: LogNeeds,
  ask: Ask<ChatInputCommandInteraction>,
  channelId: string | null,
): Promise<void> {
  const { interaction, t } = ask;
  const guildId = managedGuild(interaction);
  const missing = channelId === null ? [] : lacking(interaction.guild, channelId);
  if (channelId !== null && missing.length > 0) {
    throw new Refusal('logChannel', {
      channel: () => channelMention(channelId),
      permissions: () => missing.map((name) => t(`permission.${name}`)).join(', '),
    });
  }
  const open = channelId !== null && everybodyReads(interaction.guild, channelId);
  const changed = await settings.change(guildId, { logChannel: channelId });
  moderation.again(guildId);
  await confirm(ask, changed, open ? [t('settings.logOpen')] : []);
}
