import { PermissionFlagsBits, type PermissionsBitField } from 'discord.js';
import { Refusal } from '../text/refusal.js';

/** The member who asks, as in every interaction. */
interface Asker {
  readonly guildId: string | null;
  readonly memberPermissions: Readonly<PermissionsBitField> | null;
}

/** Whether they manage the server they ask in. */
export function manages({ guildId, memberPermissions }: Asker): boolean {
  return guildId !== null && (memberPermissions?.has(PermissionFlagsBits.ManageGuild) ?? false);
}

/**
 * Checked before a server's rules are shown for changing or changed, by commands, menus and text fields alike: a server
 * may have opened a command to some role, and Discord's check does not cover what follows the command.
 *
 * @returns the guild. @throws Refusal if they may not.
 */
export function managedGuild(asker: Asker): string {
  if (asker.guildId === null) throw new Refusal('guildOnly');
  if (!manages(asker)) throw new Refusal('managersOnly');
  return asker.guildId;
}
