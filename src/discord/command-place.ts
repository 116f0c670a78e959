import type { CommandPlace } from './command-access.js';
import { permissionsIn } from './permissions.js';
import type { Application, Channel } from './things.js';
import type { World } from './world.js';

/** The place where a user wants to use an app's command, looked up in this world. */
export function commandPlace(world: World, application: Application, channel: Channel, userId: string): CommandPlace {
  return {
    guildId: channel.guildId,
    nsfw: channel.nsfw,
    permissions: permissionsIn(world, channel, userId),
    withApp: channel.recipients.includes(application.botId),
    added: channel.guildId !== null && application.guilds.has(channel.guildId),
    installed: application.users.has(userId),
  };
}
