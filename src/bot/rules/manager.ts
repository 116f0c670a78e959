import { PermissionFlagsBits, type PermissionsBitField } from 'discord.js';
import { Refusal } from '../text/refusal.js';

/** Whoever asks, as every interaction says. */
interface Asker {
  readonly guildId: string | null;
  readonly memberPermissions: Readonly<PermissionsBitField> | null;
}

/** Whether they manage the server that they ask in. */
export function manages({ guildId, memberPermissions }: Asker): boolean {
  return guildId !== null && (memberPermissions?.has(PermissionFlagsBits.ManageGuild) ?? false);
}

/**
 * Before anything of a server's rules is shown for changing or changed: commands, menus and text fields alike. What
 * Discord asks of a command, a server may have loosened for some role, and it does not cover what comes after it.
 *
 * @returns the guild. @throws Refusal for who may not.
 */
export function managedGuild(asker: Asker): string {
  if (asker.guildId === null) throw new Refusal('guildOnly');
  if (!manages(asker)) throw new Refusal('managersOnly');
  return asker.guildId;
}
