import { GatewayIntentBits as Intent } from 'discord-api-types/v10';
import type { Hono } from 'hono';
import { missingAccess, unknown } from '../error.js';
import { guildOf, type Where } from './guild-of.js';
import type { Env, Services } from './services.js';

/** Guilds with their members, roles and channels (documentation, "Guild"). */
export function guildRoutes(app: Hono<Env>, { world, payloads }: Services): void {
  const allowed = (c: Where) => guildOf(world, c);

  app.get('/guilds/:guild', (c) => c.json(payloads.guild(allowed(c))));
  app.get('/guilds/:guild/channels', (c) => {
    const guild = allowed(c);
    const channels = [...world.channels.values()].filter(({ guildId, thread }) => guildId === guild.id && !thread);
    return c.json(channels.map((channel) => payloads.channel(channel)));
  });
  app.get('/guilds/:guild/roles', (c) => {
    const guild = allowed(c);
    return c.json([...guild.roles.keys()].map((id) => payloads.role(guild, id)));
  });
  app.get('/guilds/:guild/members', (c) => {
    const guild = allowed(c);
    if (!(c.get('application').privilegedIntents & Intent.GuildMembers)) throw missingAccess();
    const { after = '0', limit = '1' } = c.req.query();
    const members = [...guild.members.values()].filter(({ userId }) => BigInt(userId) > BigInt(after));
    const sorted = members.sort((a, b) => (BigInt(a.userId) < BigInt(b.userId) ? -1 : 1));
    return c.json(sorted.slice(0, Math.min(Number(limit), 1000)).map((member) => payloads.member(guild, member)));
  });
  app.get('/guilds/:guild/members/:user', (c) => {
    const guild = allowed(c);
    const member = guild.members.get(c.req.param('user'));
    if (!member) throw unknown.member();
    return c.json(payloads.member(guild, member));
  });
}
