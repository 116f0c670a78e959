import { type Client, PermissionFlagsBits } from 'discord.js';
import { inviteLink } from '../gateway/client.js';
import type { Ask } from '../intake/ask.js';
import { Refusal } from '../text/refusal.js';

const { CreateGuildExpressions } = PermissionFlagsBits;

/**
 * Checks that both the member and the bot may add emojis here, on request and again on confirmation.
 *
 * @returns the guild. @throws Refusal
 */
export function checkMayMake(client: Client<true>, { interaction, place }: Ask): string {
  const { guildId, userInstalled } = place;
  if (!guildId || userInstalled) throw new Refusal('guildOnly');
  if (!interaction.memberPermissions?.has(CreateGuildExpressions)) throw new Refusal('emojiMember');
  if (!interaction.appPermissions.has(CreateGuildExpressions)) {
    throw new Refusal('emojiBot', { link: () => inviteLink(client) });
  }
  return guildId;
}
