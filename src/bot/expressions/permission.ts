import { PermissionFlagsBits } from 'discord.js';
import type { App } from '../app.js';
import { inviteLink } from '../gateway/client.js';
import { type Answerable, placeOf } from '../gateway/place.js';
import { Refusal } from '../text/refusal.js';

const { CreateGuildExpressions } = PermissionFlagsBits;

/**
 * Whether the asker and the bot may add emojis here: checked when it is asked for and again when it is confirmed.
 *
 * @returns the guild. @throws Refusal
 */
export function checkMayMake(app: App, interaction: Answerable): string {
  const { guildId, userInstalled } = placeOf(interaction);
  if (!guildId || userInstalled) throw new Refusal('guildOnly');
  if (!interaction.memberPermissions?.has(CreateGuildExpressions)) throw new Refusal('emojiMember');
  if (!interaction.appPermissions.has(CreateGuildExpressions)) {
    throw new Refusal('emojiBot', { link: () => inviteLink(app.client) });
  }
  return guildId;
}
