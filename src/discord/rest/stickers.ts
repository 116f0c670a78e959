import { PermissionFlagsBits as P } from 'discord-api-types/v10';
import type { Hono } from 'hono';
import { DiscordError, invalidForm, missingPermissions, unknown } from '../error.js';
import { checkStickerTexts, stickerFormat } from '../rules/expression.js';
import type { Guild } from '../things.js';
import { readBody } from './body.js';
import { guildOf, mayIn, type Where } from './guild-of.js';
import type { Env, Services } from './services.js';

/** Stickers of a guild without boosts. */
const STICKERS = 5;

/** A guild's stickers (documentation, "Sticker"). */
export function stickerRoutes(app: Hono<Env>, { world, payloads }: Services): void {
  const base = '/guilds/:guild/stickers';

  app.get(base, (c) => {
    const guild = guildOf(world, c);
    return c.json([...guild.stickers.keys()].map((id) => payloads.sticker(guild, id)));
  });
  app.get(`${base}/:sticker`, (c) => {
    const guild = guildOf(world, c);
    return c.json(payloads.sticker(guild, one(guild, c).id));
  });
  app.post(base, async (c) => {
    const guild = guildOf(world, c, P.CreateGuildExpressions);
    const { input, files } = await readBody(c);
    const { name, tags, description = '' } = input;
    checkStickerTexts({ name, tags, description });
    const [file] = files;
    if (!file) throw invalidForm('file', 'BASE_TYPE_REQUIRED', 'This field is required');
    const { format, type } = await stickerFormat(file.bytes);
    if (guild.stickers.size >= STICKERS)
      throw new DiscordError(400, 30039, `Maximum number of stickers reached (${STICKERS})`);
    const { botId: userId } = c.get('application');
    const id = await world.addFile({ bytes: file.bytes, name, type });
    guild.stickers.set(id, { id, name, tags, description, format, attachment: id, userId });
    tell(guild);
    return c.json(payloads.sticker(guild, id), 201);
  });
  app.patch(`${base}/:sticker`, async (c) => {
    const guild = guildOf(world, c);
    const sticker = changeable(guild, c);
    const { input } = await readBody(c);
    const { name = sticker.name, tags = sticker.tags, description = sticker.description } = input;
    const changed = { name, tags, description: description ?? '' };
    checkStickerTexts(changed);
    Object.assign(sticker, changed);
    tell(guild);
    return c.json(payloads.sticker(guild, sticker.id));
  });
  app.delete(`${base}/:sticker`, (c) => {
    const guild = guildOf(world, c);
    const { id } = changeable(guild, c);
    guild.stickers.delete(id);
    world.removeFile(id);
    tell(guild);
    return c.body(null, 204);
  });

  function one(guild: Guild, c: Where) {
    const sticker = guild.stickers.get(c.req.param('sticker')!);
    if (!sticker) throw unknown.sticker();
    return sticker;
  }

  /** An app may change its own stickers with either permission, others' only with the one to manage. */
  function changeable(guild: Guild, c: Where) {
    const sticker = one(guild, c);
    const own = sticker.userId === c.get('application').botId && mayIn(guild, c, P.CreateGuildExpressions);
    if (!own && !mayIn(guild, c, P.ManageGuildExpressions)) throw missingPermissions();
    return sticker;
  }

  function tell(guild: Guild): void {
    world.put('guilds', guild);
    const stickers = [...guild.stickers.keys()].map((id) => payloads.sticker(guild, id));
    world.publish({ name: 'GUILD_STICKERS_UPDATE', data: { guild_id: guild.id, stickers }, guildId: guild.id });
  }
}
