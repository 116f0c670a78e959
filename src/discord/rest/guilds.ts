import { GatewayIntentBits as Intent, PermissionFlagsBits as P } from 'discord-api-types/v10';
import type { Hono } from 'hono';
import sharp from 'sharp';
import { DiscordError, invalidForm, missingAccess, missingPermissions, unknown } from '../error.js';
import type { MessageInput } from '../messages.js';
import { permissionsOf } from '../permissions.js';
import type { Guild } from '../world.js';
import type { Env, Services } from './app.js';
import { readBody } from './body.js';

const EMOJI_BYTES = 256 * 1024;
const STICKER_BYTES = 512 * 1024;
/** Places for emojis and stickers of a guild without boosts. */
const EMOJIS = 50;
const STICKERS = 5;

/** Guilds with their members, roles, channels, emojis and stickers (documentation, "Guild", "Emoji", "Sticker"). */
export function guildRoutes(app: Hono<Env>, { world, payloads }: Services): void {
  type Where = {
    req: { param(name: string): string | undefined };
    get(name: 'application'): { guilds: Set<string>; botId: string };
  };
  const allowed = (c: Where, permission = 0n): Guild => {
    const guild = world.guild(c.req.param('guild')!);
    if (!c.get('application').guilds.has(guild.id)) throw missingAccess();
    if ((permissionsOf(guild, c.get('application').botId) & permission) !== permission) throw missingPermissions();
    return guild;
  };

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

  app.get('/guilds/:guild/emojis', (c) => {
    const guild = allowed(c);
    return c.json([...guild.emojis.keys()].map((id) => payloads.emoji(guild, id)));
  });
  app.post('/guilds/:guild/emojis', async (c) => {
    const guild = allowed(c, P.CreateGuildExpressions);
    const { input } = await readBody(c);
    const { type, bytes } = emojiImage(input);
    if (guild.emojis.size >= EMOJIS) throw new DiscordError(400, 30008, 'Maximum number of emojis reached (50)');
    const id = world.id();
    world.files.set(id, { bytes, name: `${input.name}.png`, type });
    guild.emojis.set(id, {
      id,
      name: input.name,
      animated: type === 'image/gif',
      attachment: id,
      userId: c.get('application').botId,
    });
    tellEmojis(guild);
    return c.json(payloads.emoji(guild, id), 201);
  });
  app.delete('/guilds/:guild/emojis/:emoji', (c) => {
    const guild = allowed(c, P.ManageGuildExpressions);
    const id = c.req.param('emoji');
    if (!guild.emojis.delete(id)) throw unknown.emoji();
    world.files.delete(id);
    tellEmojis(guild);
    return c.body(null, 204);
  });
  app.get('/guilds/:guild/stickers', (c) => {
    const guild = allowed(c);
    return c.json([...guild.stickers.keys()].map((id) => payloads.sticker(guild, id)));
  });
  app.post('/guilds/:guild/stickers', async (c) => {
    const guild = allowed(c, P.CreateGuildExpressions);
    const { input, files } = await readBody(c);
    const [file] = files;
    if (!file) throw invalidForm('file', 'BASE_TYPE_REQUIRED', 'This field is required');
    if (file.bytes.length > STICKER_BYTES)
      throw invalidForm('file', 'BINARY_TYPE_MAX_SIZE', 'File cannot be larger than 512.0 kb.');
    const { width, height } = await sharp(file.bytes).metadata();
    if (width !== 320 || height !== 320)
      throw new DiscordError(400, 50046, 'Invalid asset: stickers are 320x320 pixels');
    if (guild.stickers.size >= STICKERS) throw new DiscordError(400, 30039, 'Maximum number of stickers reached (5)');
    const id = world.id();
    world.files.set(id, file);
    const { name, tags = '', description = '' } = input;
    guild.stickers.set(id, { id, name, tags, description, attachment: id, userId: c.get('application').botId });
    return c.json(payloads.sticker(guild, id), 201);
  });
  app.delete('/guilds/:guild/stickers/:sticker', (c) => {
    const guild = allowed(c, P.ManageGuildExpressions);
    const id = c.req.param('sticker');
    if (!guild.stickers.delete(id)) throw unknown.sticker();
    world.files.delete(id);
    return c.body(null, 204);
  });

  function tellEmojis(guild: Guild): void {
    const emojis = [...guild.emojis.keys()].map((id) => payloads.emoji(guild, id));
    world.publish({ name: 'GUILD_EMOJIS_UPDATE', data: { guild_id: guild.id, emojis }, guildId: guild.id });
  }
}

/** An emoji's picture. @throws DiscordError 50035 for a name, a picture or a size that it may not have. */
export function emojiImage({ name, image }: MessageInput): { type: string; bytes: Uint8Array } {
  if (!/^\w{2,32}$/.test(name ?? '')) {
    throw invalidForm('name', 'STRING_TYPE_REGEX', 'String value did not match validation regex.');
  }
  const file = dataUri(image);
  if (file.bytes.length <= EMOJI_BYTES) return file;
  throw invalidForm('image', 'BINARY_TYPE_MAX_SIZE', 'File cannot be larger than 256.0 kb.');
}

function dataUri(text: unknown): { type: string; bytes: Uint8Array } {
  const [, type, base64] = /^data:(image\/(?:png|jpeg|gif|webp|avif));base64,(.+)$/s.exec(String(text)) ?? [];
  if (!type || !base64) throw invalidForm('image', 'BASE_TYPE_REQUIRED', 'Invalid image data');
  return { type, bytes: Buffer.from(base64, 'base64') };
}
