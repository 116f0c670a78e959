import { missingAccess, missingPermissions } from '../error.js';
import { permissionsOf } from '../permissions.js';
import type { Guild } from '../things.js';
import type { World } from '../world.js';

/** A request from an app about a guild. */
export interface Where {
  req: { param(name: string): string | undefined };
  get(name: 'application'): { guilds: Set<string>; botId: string };
}

/**
 * The guild named in a route. @throws DiscordError 10004, 50001 if the app is not in it, 50013 if a permission is
 * missing.
 */
export function guildOf(world: World, c: Where, permission = 0n): Guild {
  const guild = world.guild(c.req.param('guild')!);
  if (!c.get('application').guilds.has(guild.id)) throw missingAccess();
  if (!mayIn(guild, c, permission)) throw missingPermissions();
  return guild;
}

export function mayIn(guild: Guild, c: Where, permission: bigint): boolean {
  return (permissionsOf(guild, c.get('application').botId) & permission) === permission;
}
