import { readFile } from 'node:fs/promises';
import { basename, extname, join, normalize } from 'node:path';
import { type APIMessage, type InteractionType, Locale, PermissionFlagsBits as P } from 'discord-api-types/v10';
import { type Context, Hono } from 'hono';
import { type WebSocket, WebSocketServer } from 'ws';
import { isOurHost, isOurOrigin } from '../own-address.js';
import { DiscordError, invalidForm, missingAccess, missingPermissions, unknown } from './error.js';
import type { LocalDiscord } from './local-discord.js';
import type { UploadedFile } from './message-input.js';
import { interactionData } from './page-interaction.js';
import type { PageAnswer, PageEvent, PageInteraction } from './page-protocol.js';
import { pageReady } from './page-ready.js';
import { permissionsIn, permissionsOf } from './permissions.js';
import { react, unreact } from './reactions.js';
import { readBody } from './rest/body.js';
import { givenId } from './snowflake.js';
import type { Channel, Message, User } from './things.js';
import type { WorldEvent } from './world.js';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
  '.ico': 'image/x-icon',
};

/** Events that change a window's lists of servers, channels, commands and presence, which are then sent again. */
const STRUCTURE = /^(GUILD|CHANNEL|THREAD|LOCAL_|APPLICATION)/;

/** This machine has two names: attachments are at 127.0.0.1 even if the page was opened at localhost. */
const FILES = 'http://127.0.0.1:* http://localhost:*';
/** What the page may load, and that no other page may frame it. Lit sets inline styles on elements. */
const POLICY = [
  "default-src 'self'",
  `img-src 'self' blob: data: ${FILES}`,
  `media-src 'self' blob: ${FILES}`,
  `connect-src 'self' ws://127.0.0.1:* ws://localhost:* ${FILES}`,
  "style-src 'self' 'unsafe-inline'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Most bytes of a frame from a window, which only listens. */
const MAX_FRAME = 1024;

/** Milliseconds after which a closed window counts as gone. */
const RELOADED = 2000;

/**
 * Serves the page and acts for its windows, as described in page-protocol.ts. For this machine only: requests from
 * other websites are refused by their Origin, or by the Host they would have to send.
 *
 * @param files the folder with the built page.
 * @param examples the greeting's example prompts.
 * @param isDemonstration whether the model is the small one that ships.
 */
export function servePage(
  discord: LocalDiscord,
  files: string,
  examples: () => readonly string[],
  isDemonstration: () => boolean = () => false,
): void {
  const { world, payloads, messages } = discord;
  const api = new Hono();
  const live = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME });
  /** The account of each window. */
  const windows = new Map<WebSocket, User>();
  const readyFor = (user: User) => {
    const online = [...new Set([...windows.values()].map(({ id }) => id))];
    return pageReady(discord, user, { examples: [...examples()], demonstration: isDemonstration(), online });
  };

  api.onError((error, c) => {
    if (error instanceof DiscordError) return c.json(error.toJSON(), error.status);
    if (error instanceof TypeError) return c.json({ message: error.message, code: 50035 }, 400);
    console.error(error);
    return c.json({ message: '500: Internal Server Error', code: 0 }, 500);
  });
  api.use(async (c, next) => {
    if (!isOurHost(c.req.header('host')) || !isOurOrigin(c.req.header('origin')))
      return c.text('Only the page itself may ask.', 403);
    await next();
  });

  api.get('/accounts', (c) => c.json(readyFor(firstUser()).accounts));
  api.get('/channels/:channel/messages', (c) => {
    const { channel, user } = place(c, P.ViewChannel);
    const before = givenId('before', c.req.query('before'));
    // Ephemeral messages are not kept: they disappear with the window, as in Discord's client.
    const all = discord
      .messagesIn(channel, user)
      .filter(({ id, onlyFor }) => !onlyFor && (before === null || BigInt(id) < before));
    const limit = Math.min(Number(c.req.query('limit') ?? 50), 100);
    return c.json(all.slice(-limit).map((message) => payloads.message(message, user.id)));
  });
  api.get('/channels/:channel/messages/:message', (c) => {
    const { channel, user } = place(c, P.ViewChannel);
    return c.json(payloads.message(visible(channel, c.req.param('message'), user), user.id));
  });
  api.post('/channels/:channel/messages', async (c) => {
    const { channel, user, permissions } = place(c, P.ViewChannel | P.SendMessages);
    const { input, files } = await readBody(c);
    if (files.length > 0 && !(permissions & P.AttachFiles)) throw missingPermissions();
    const message = await messages.create(channel, input, files, {
      authorId: user.id,
      fileLimit: user.attachmentLimit,
    });
    return c.json(payloads.message(message, user.id));
  });
  api.delete('/channels/:channel/messages/:message', (c) => {
    const { channel, user, permissions } = place(c, P.ViewChannel);
    const message = visible(channel, c.req.param('message'), user);
    const own = message.author.id === user.id || message.onlyFor === user.id;
    if (!own && !(permissions & P.ManageMessages && channel.guildId)) throw missingPermissions();
    messages.remove(channel, message);
    return c.body(null, 204);
  });
  api.on(['PUT', 'DELETE'], '/channels/:channel/messages/:message/reactions/:emoji', (c) => {
    const { channel, user } = place(c, P.ViewChannel | P.AddReactions);
    const message = visible(channel, c.req.param('message'), user);
    const change = c.req.method === 'PUT' ? react : unreact;
    change(discord, channel, message, user.id, decodeURIComponent(c.req.param('emoji')));
    return c.body(null, 204);
  });
  api.post('/channels/:channel/typing', (c) => {
    const { channel, user } = place(c, P.ViewChannel | P.SendMessages);
    const data = { channel_id: channel.id, user_id: user.id, timestamp: Math.floor(world.now() / 1000) };
    world.publish({ name: 'TYPING_START', data, guildId: channel.guildId, channelId: channel.id });
    return c.body(null, 204);
  });
  api.post('/channels/:channel/interactions', async (c) => {
    const { channel, user } = place(c, P.ViewChannel);
    const { input, files } = await readBody(c);
    return c.json(await interact(channel, user, input as PageInteraction, files));
  });
  api.patch('/me', async (c) => {
    const user = account(c);
    user.locale = localeOf((await readBody(c)).input.locale);
    world.put('users', user);
    world.publish({ name: 'LOCAL_ACCOUNT', data: { user_id: user.id } });
    return c.body(null, 204);
  });
  api.patch('/guilds/:guild', async (c) => {
    const guild = world.guild(c.req.param('guild'));
    if (!(permissionsOf(guild, account(c).id) & P.ManageGuild)) throw missingPermissions();
    guild.locale = localeOf((await readBody(c)).input.preferred_locale);
    world.put('guilds', guild);
    world.publish({ name: 'GUILD_UPDATE', data: payloads.guildUpdate(guild), guildId: guild.id });
    return c.body(null, 204);
  });
  const page = new Hono();
  page.route('/page/api', api);

  page.get('/assets/*', (c) => file(c.req.path));
  page.get('/', () => file('/index.html'));
  page.get('/channels/*', () => file('/index.html'));
  page.get('/:name{[^/]+\\.(?:svg|png|ico|webp|woff2|css|js)}', (c) => file(c.req.path));

  discord.more = page;

  discord.onUpgrade('/page/api/live', live);
  live.on('connection', (socket, request) => {
    const account = new URL(request.url ?? '/', 'http://localhost').searchParams.get('account') ?? '';
    const user = world.users.get(account);
    // A frame that is too large closes the connection; without a listener, the error would end the process.
    socket.on('error', () => {});
    if (!user || user.bot || !isOurHost(request.headers.host)) return socket.close(4004, 'Nobody.');
    const send = (event: PageEvent) => socket.send(JSON.stringify(event));
    const ready = () => send({ t: 'READY', d: readyFor(user) });
    let soon: NodeJS.Timeout | undefined;
    const stop = world.listen((event) => {
      if (STRUCTURE.test(event.name)) {
        clearTimeout(soon);
        soon = setTimeout(ready, 50);
        return;
      }
      const pageEvent = eventFor(user, event);
      if (pageEvent) send(pageEvent);
    });
    const appear = () => world.publish({ name: 'LOCAL_PRESENCE', data: { user_id: user.id } });
    socket.on('close', () => {
      stop();
      clearTimeout(soon);
      windows.delete(socket);
      // A window that reloads is soon back.
      setTimeout(appear, RELOADED).unref();
    });
    windows.set(socket, user);
    ready();
    appear();
  });

  function firstUser(): User {
    return [...world.users.values()].find(({ bot }) => !bot)!;
  }

  function account(c: Context): User {
    return world.user(c.req.header('x-account') ?? '');
  }

  function place(c: Context, permission: bigint): { channel: Channel; user: User; permissions: bigint } {
    const user = account(c);
    const channel = world.channel(c.req.param('channel')!);
    const permissions = permissionsIn(world, channel, user.id);
    if (!(permissions & P.ViewChannel)) throw missingAccess();
    if ((permissions & permission) !== permission) throw missingPermissions();
    return { channel, user, permissions };
  }

  function visible(channel: Channel, id: string, user: User): Message {
    const message = world.message(channel.id, id);
    if (message.onlyFor && message.onlyFor !== user.id) throw unknown.message();
    return message;
  }

  /** What a user's window gets of an event: nothing that they may not see. */
  function eventFor(user: User, { name, data, channelId, onlyFor, applicationId }: WorldEvent): PageEvent | null {
    if (applicationId || (onlyFor && onlyFor !== user.id)) return null;
    const channel = channelId ? world.channels.get(channelId) : undefined;
    if (!channel || !(permissionsIn(world, channel, user.id) & P.ViewChannel)) return null;
    if (name === 'MESSAGE_CREATE' || name === 'MESSAGE_UPDATE') {
      const message = world.messages.get(channel.id)?.get((data as { id: string }).id);
      return message ? { t: name, d: payloads.message(message, user.id) as APIMessage } : null;
    }
    return { t: name, d: data } as PageEvent;
  }

  async function interact(
    channel: Channel,
    user: User,
    interaction: PageInteraction,
    files: readonly UploadedFile[],
  ): Promise<PageAnswer> {
    const application = world.application(interaction.application_id);
    const source =
      'message_id' in interaction && interaction.message_id ? visible(channel, interaction.message_id, user) : null;
    const message = (id: string) => visible(channel, id, user);
    const data = await interactionData(discord, { application, channel, user, files, message }, interaction);
    const { answer } = discord.interactions.create(
      application,
      interaction.type as InteractionType,
      user,
      channel,
      data,
      source,
    );
    const settled = await answer;
    return settled.kind === 'message' ? { kind: 'message' } : (settled as PageAnswer);
  }

  async function file(path: string): Promise<Response> {
    const name = join(files, normalize(path));
    const bytes = name.startsWith(files) ? await readFile(name).catch(() => null) : null;
    if (!bytes) return new Response('There is no such page. Build it with: npm run build', { status: 404 });
    const type = TYPES[extname(name)] ?? 'application/octet-stream';
    // Assets have a hash in their name.
    const cache: Record<string, string> = path.startsWith('/assets/')
      ? { 'cache-control': 'public, max-age=31536000, immutable', etag: `"${basename(name)}"` }
      : { 'cache-control': 'no-cache' };
    return new Response(new Uint8Array(bytes), {
      headers: {
        'content-type': type,
        ...cache,
        'content-security-policy': POLICY,
        'x-content-type-options': 'nosniff',
      },
    });
  }
}

/** @throws DiscordError 50035 for anything but Discord's locales (documentation, "Locales"). */
function localeOf(text: unknown): string {
  const known = Object.values(Locale).find((locale) => locale === text);
  if (!known) throw invalidForm('locale', 'BASE_TYPE_CHOICES', 'Value must be one of Discord’s locales.');
  return known;
}
