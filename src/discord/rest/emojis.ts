import { PermissionFlagsBits as P } from 'discord-api-types/v10';
import type { Hono } from 'hono';
import { DiscordError, missingPermissions, unknown } from '../error.js';
import { checkEmojiName, emojiImage } from '../rules/expression.js';
import type { Guild } from '../things.js';
import { readBody } from './body.js';
import { guildOf, mayIn, type Where } from './guild-of.js';
import type { Env, Services } from './services.js';

/** Emojis of a guild without boosts, still and animated ones each. */
const EMOJIS = 50;

/** A guild's emojis (documentation, "Emoji"). */
export function emojiRoutes(app: Hono<Env>, { world, payloads }: Services): void {
  const base = '/guilds/:guild/emojis';

  app.get(base, (c) => {
    const guild = guildOf(world, c);
    return c.json([...guild.emojis.keys()].map((id) => payloads.emoji(guild, id)));
  });
  app.get(`${base}/:emoji`, (c) => {
    const guild = guildOf(world, c);
    return c.json(payloads.emoji(guild, one(guild, c).id));
  });
  app.post(base, async (c) => {
    const guild = guildOf(world, c, P.CreateGuildExpressions);
    const { input } = await readBody(c);
    checkEmojiName(input.name);
    const { type, bytes, animated } = await emojiImage(input.image);
    const taken = [...guild.emojis.values()].filter((emoji) => emoji.animated === animated).length;
    if (taken >= EMOJIS) {
      throw animated
        ? new DiscordError(400, 30018, `Maximum number of animated emojis reached (${EMOJIS})`)
        : new DiscordError(400, 30008, `Maximum number of emojis reached (${EMOJIS})`);
    }
    const { botId: userId } = c.get('application');
    const id = await world.addFile({ bytes, name: input.name, type });
    guild.emojis.set(id, { id, name: input.name, animated, attachment: id, userId });
    tell(guild);
    return c.json(payloads.emoji(guild, id), 201);
  });
  app.patch(`${base}/:emoji`, async (c) => {
    const guild = guildOf(world, c);
    const emoji = changeable(guild, c);
    const { input } = await readBody(c);
    if (input.name !== undefined) {
      checkEmojiName(input.name);
      emoji.name = input.name;
    }
    tell(guild);
    return c.json(payloads.emoji(guild, emoji.id));
  });
  app.delete(`${base}/:emoji`, (c) => {
    const guild = guildOf(world, c);
    const { id } = changeable(guild, c);
    guild.emojis.delete(id);
    world.removeFile(id);
    tell(guild);
    return c.body(null, 204);
  });

  function one(guild: Guild, c: Where) {
    const emoji = guild.emojis.get(c.req.param('emoji')!);
    if (!emoji) throw unknown.emoji();
    return emoji;
  }

  /** An app may change its own emojis with either permission, others' only with the one to manage. */
  function changeable(guild: Guild, c: Where) {
    const emoji = one(guild, c);
    const own = emoji.userId === c.get('application').botId && mayIn(guild, c, P.CreateGuildExpressions);
    if (!own && !mayIn(guild, c, P.ManageGuildExpressions)) throw missingPermissions();
    return emoji;
  }

  function tell(guild: Guild): void {
    world.put('guilds', guild);
    const emojis = [...guild.emojis.keys()].map((id) => payloads.emoji(guild, id));
    world.publish({ name: 'GUILD_EMOJIS_UPDATE', data: { guild_id: guild.id, emojis }, guildId: guild.id });
  }
}
