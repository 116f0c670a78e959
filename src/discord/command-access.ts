import type { APIApplicationCommand } from 'discord-api-types/v10';

const ADMINISTRATOR = 1n << 3n;
const USE_APPLICATION_COMMANDS = 1n << 31n;

/** Where an account wants to use an app's command. */
export interface CommandPlace {
  /** Null for direct messages. */
  readonly guildId: string | null;
  readonly nsfw: boolean;
  /** The account's permissions there. */
  readonly permissions: bigint;
  /** Whether these are the direct messages with the app itself. */
  readonly withApp: boolean;
  /** Whether the app was added to the guild. */
  readonly added: boolean;
  /** Whether the account installed the app for itself. */
  readonly installed: boolean;
}

/**
 * Whether an account may use a command in a place (documentation, "Contexts", "Permissions", "Age-Restricted
 * Commands"). The page uses it to decide what to offer, the server to enforce it. In direct messages, nobody can forbid
 * it.
 */
export function mayUse(command: APIApplicationCommand, place: CommandPlace): boolean {
  const { guildId, permissions, withApp, added, installed } = place;
  const may = (permission: bigint) => (permissions & ADMINISTRATOR) !== 0n || (permissions & permission) === permission;
  if (command.guild_id && command.guild_id !== guildId) return false;
  if (command.nsfw && guildId && !place.nsfw) return false;
  const kinds: readonly number[] = command.integration_types ?? [0];
  if (!(added && kinds.includes(0)) && !withApp && !(installed && kinds.includes(1))) return false;
  const context = guildId ? 0 : withApp ? 1 : 2;
  if (command.contexts && !command.contexts.includes(context)) return false;
  if (!guildId) return true;
  if (!may(USE_APPLICATION_COMMANDS)) return false;
  const needed = command.default_member_permissions;
  // "0" means administrators only.
  return !needed || may(BigInt(needed) || ADMINISTRATOR);
}
