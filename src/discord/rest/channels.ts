import { MessageFlags, PermissionFlagsBits as P } from 'discord-api-types/v10';
import type { Hono } from 'hono';
import { blank, mayRead } from '../audience.js';
import { DiscordError, invalidForm, missingAccess, missingPermissions, unknown } from '../error.js';
import { permissionsIn } from '../permissions.js';
import { isEmoji, react, unreact } from '../reactions.js';
import { LIMITS } from '../rules/limits.js';
import { givenId } from '../snowflake.js';
import { type Application, type Channel, type Message, newChannel } from '../things.js';
import { readBody } from './body.js';
import type { Env, Services } from './services.js';

const HOUR = 60 * 60 * 1000;
/** Most edits of a message older than an hour. */
const OLD_EDITS = 3;
/** Milliseconds for which nonces are remembered. */
const NONCE_LIFETIME = 5 * 60 * 1000;
/** How many messages one request can delete, and how old they may be. */
const BULK = { least: 2, most: 100, age: 14 * 24 * HOUR };

type Where = { req: { param(name: string): string | undefined }; get(name: 'application'): { botId: string } };

/** Channels, messages, reactions and threads (documentation, "Channel" and "Message"). */
export function channelRoutes(app: Hono<Env>, services: Services): void {
  const { world, payloads, messages } = services;
  const oldEdits = new Map<string, number>();

  app.get('/channels/:channel', (c) => c.json(payloads.channel(allowed(c, P.ViewChannel))));
  app.delete('/channels/:channel', (c) => {
    const channel = allowed(c, P.ManageChannels);
    world.remove('channels', channel);
    world.publish({ name: 'CHANNEL_DELETE', data: payloads.channel(channel), guildId: channel.guildId });
    return c.json(payloads.channel(channel));
  });
  app.post('/channels/:channel/typing', (c) => {
    const channel = allowed(c, P.SendMessages);
    const data = {
      channel_id: channel.id,
      user_id: c.get('application').botId,
      timestamp: Math.floor(world.now() / 1000),
    };
    world.publish({ name: 'TYPING_START', data, guildId: channel.guildId, channelId: channel.id });
    return c.body(null, 204);
  });

  app.get('/channels/:channel/messages', (c) => {
    const channel = allowed(c, P.ViewChannel);
    if (!may(channel, c, P.ReadMessageHistory)) return c.json([]);
    const [before, after] = [givenId('before', c.req.query('before')), givenId('after', c.req.query('after'))];
    const limit = Number(c.req.query('limit') ?? 50);
    if (!Number.isInteger(limit) || limit < 1 || limit > 100) {
      throw invalidForm('limit', 'NUMBER_TYPE_RANGE', 'Value should be between 1 and 100.');
    }
    const all = [...(world.messages.get(channel.id)?.values() ?? [])].filter(({ onlyFor }) => !onlyFor);
    const there = all.filter(
      ({ id }) => (before === null || BigInt(id) < before) && (after === null || BigInt(id) > after),
    );
    // The first after a message, otherwise the last; both newest first.
    const page = after === null ? there.slice(-limit) : there.slice(0, limit);
    return c.json(page.reverse().map((message) => shown(c, message)));
  });
  app.post('/channels/:channel/messages', async (c) => {
    const { botId } = c.get('application');
    const channel = allowed(
      c,
      P.ViewChannel | (world.channel(c.req.param('channel')).thread ? P.SendMessagesInThreads : P.SendMessages),
    );
    const { input, files } = await readBody(c);
    if (files.length > 0 && !may(channel, c, P.AttachFiles)) throw missingPermissions();
    if (!channel.guildId && !reaches(c.get('application'), channel)) {
      throw new DiscordError(403, 50007, 'Cannot send messages to this user');
    }
    if (input.message_reference && !may(channel, c, P.ReadMessageHistory)) {
      throw new DiscordError(400, 160002, 'Cannot reply without permission to read message history');
    }
    if (input.nonce !== undefined && input.enforce_nonce) {
      const same = [...(world.messages.get(channel.id)?.values() ?? [])].find(
        (message) => message.nonce === input.nonce && message.author.id === botId && age(message) < NONCE_LIFETIME,
      );
      if (same) return c.json(shown(c, same));
    }
    const message = await messages.create(channel, input, files, { authorId: botId, fileLimit: LIMITS.file });
    return c.json(shown(c, message));
  });
  app.get('/channels/:channel/messages/:message', (c) => {
    const channel = allowed(c, P.ViewChannel);
    if (!may(channel, c, P.ReadMessageHistory)) throw missingPermissions();
    return c.json(shown(c, visible(channel, c.req.param('message'))));
  });
  app.patch('/channels/:channel/messages/:message', async (c) => {
    const channel = allowed(c, P.ViewChannel);
    const message = visible(channel, c.req.param('message'));
    if (message.author.id !== c.get('application').botId) {
      throw new DiscordError(403, 50005, 'Cannot edit a message authored by another user');
    }
    if (age(message) > HOUR) {
      const edits = (oldEdits.get(message.id) ?? 0) + 1;
      oldEdits.set(message.id, edits);
      if (edits > OLD_EDITS)
        throw new DiscordError(
          429,
          30046,
          'Maximum number of edits to messages older than 1 hour reached. Try again later',
        );
    }
    const { input, files } = await readBody(c);
    if (files.length > 0 && !may(channel, c, P.AttachFiles)) throw missingPermissions();
    return c.json(shown(c, await messages.edit(channel, message, input, files, LIMITS.file)));
  });
  app.delete('/channels/:channel/messages/:message', (c) => {
    const channel = allowed(c, P.ViewChannel);
    const message = visible(channel, c.req.param('message'));
    const own = message.author.id === c.get('application').botId;
    if (!own && (!channel.guildId || !may(channel, c, P.ManageMessages))) throw missingPermissions();
    messages.remove(channel, message);
    return c.body(null, 204);
  });
  app.post('/channels/:channel/messages/bulk-delete', async (c) => {
    const channel = allowed(c, P.ViewChannel | P.ManageMessages);
    const { input } = await readBody(c);
    const ids: string[] = input.messages ?? [];
    if (ids.length < BULK.least || ids.length > BULK.most) {
      throw new DiscordError(400, 50016, 'Provided too few or too many messages to delete.');
    }
    const there = ids.flatMap((id) => world.messages.get(channel.id)?.get(id) ?? []);
    if (there.some((message) => age(message) > BULK.age)) {
      throw new DiscordError(400, 50034, 'You can only bulk delete messages that are under 14 days old.');
    }
    for (const message of there) messages.remove(channel, message);
    return c.body(null, 204);
  });

  const emojiOf = (c: Where) => decodeURIComponent(c.req.param('emoji')!);
  app.put('/channels/:channel/messages/:message/reactions/:emoji/@me', (c) => {
    const channel = allowed(c, P.ViewChannel | P.ReadMessageHistory);
    const message = visible(channel, c.req.param('message'));
    if (!message.reacted.has(emojiOf(c))) {
      if (!may(channel, c, P.AddReactions)) throw missingPermissions();
      if (!isEmoji(world, emojiOf(c))) throw unknown.emoji();
      if (message.reacted.size >= LIMITS.reactions) {
        throw new DiscordError(400, 30010, 'Maximum number of reactions reached (20)');
      }
    }
    react(services, channel, message, c.get('application').botId, emojiOf(c));
    return c.body(null, 204);
  });
  app.delete('/channels/:channel/messages/:message/reactions/:emoji/:user', (c) => {
    const channel = allowed(c, P.ViewChannel);
    const message = visible(channel, c.req.param('message'));
    const { botId } = c.get('application');
    const user = c.req.param('user') === '@me' ? botId : c.req.param('user');
    if (user !== botId && !may(channel, c, P.ManageMessages)) throw missingPermissions();
    unreact(services, channel, message, user, emojiOf(c));
    return c.body(null, 204);
  });
  app.delete('/channels/:channel/messages/:message/reactions/:emoji', (c) => {
    const channel = allowed(c, P.ViewChannel | P.ManageMessages);
    const message = visible(channel, c.req.param('message'));
    for (const user of message.reacted.get(emojiOf(c)) ?? []) unreact(services, channel, message, user, emojiOf(c));
    return c.body(null, 204);
  });
  app.get('/channels/:channel/messages/:message/reactions/:emoji', (c) => {
    const channel = allowed(c, P.ViewChannel | P.ReadMessageHistory);
    const users = visible(channel, c.req.param('message')).reacted.get(emojiOf(c)) ?? [];
    return c.json(users.map((id) => payloads.user(world.user(id))));
  });
  app.delete('/channels/:channel/messages/:message/reactions', (c) => {
    const channel = allowed(c, P.ViewChannel | P.ManageMessages);
    const message = visible(channel, c.req.param('message'));
    message.reacted.clear();
    world.put('messages', message);
    const data = { channel_id: channel.id, message_id: message.id, guild_id: channel.guildId };
    world.publish({ name: 'MESSAGE_REACTION_REMOVE_ALL', data, guildId: channel.guildId, channelId: channel.id });
    return c.body(null, 204);
  });

  app.post('/users/@me/channels', async (c) => {
    const { input } = await readBody(c);
    const user = world.user(String(input.recipient_id));
    const { botId } = c.get('application');
    return c.json(payloads.channel(world.directMessages(botId, user.id)));
  });
  app.post('/channels/:channel/messages/:message/threads', async (c) => thread(c, c.req.param('message')));
  app.post('/channels/:channel/threads', async (c) => thread(c, world.id()));

  async function thread(c: import('hono').Context<Env>, id: string) {
    const parent = allowed(c, P.ViewChannel | P.CreatePublicThreads);
    const { input } = await readBody(c);
    const channel = newChannel(id, parent.guildId, String(input.name));
    Object.assign(channel, { thread: true, parentId: parent.id, nsfw: parent.nsfw });
    world.put('channels', channel);
    world.publish({
      name: 'THREAD_CREATE',
      data: { ...payloads.channel(channel), newly_created: true },
      guildId: parent.guildId,
    });
    return c.json(payloads.channel(channel), 201);
  }

  const age = (message: Message) => world.now() - Date.parse(message.timestamp);

  function may(channel: Channel, c: Where, permission: bigint): boolean {
    return (permissionsIn(world, channel, c.get('application').botId) & permission) === permission;
  }

  /** @throws DiscordError 10003, 50001 or 50013. */
  function allowed(c: Where, permission: bigint): Channel {
    const channel = world.channel(c.req.param('channel')!);
    if (!may(channel, c, P.ViewChannel)) throw missingAccess();
    if (!may(channel, c, permission)) throw missingPermissions();
    return channel;
  }

  /**
   * Whether a user accepts direct messages from an app: if they share a server with it or installed it, and have not
   * closed them.
   */
  function reaches(application: Application, { recipients }: Channel): boolean {
    const user = world.user(recipients.find((id) => id !== application.botId)!);
    const shared = [...application.guilds].some((id) => world.guild(id).members.has(user.id));
    return !user.closed && (shared || application.users.has(user.id));
  }

  /** Ephemeral messages cannot be reached through their channel. */
  function visible(channel: Channel, id: string): Message {
    const message = world.message(channel.id, id);
    if (message.flags! & MessageFlags.Ephemeral) throw unknown.message();
    return message;
  }

  /** As the bot may read it: without content, unless it is its own, a direct message, or mentions it. */
  function shown(c: import('hono').Context<Env>, message: Message) {
    const application = c.get('application');
    const payload = payloads.message(message, application.botId);
    const guild_id = world.channel(message.channel_id).guildId ?? undefined;
    return mayRead(application, application.privilegedIntents, { ...payload, guild_id }) ? payload : blank(payload);
  }
}
