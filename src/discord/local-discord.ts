import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { PermissionFlagsBits as P } from 'discord-api-types/v10';
import { Hono } from 'hono';
import { WebSocketServer } from 'ws';
import { isOurOrigin } from '../own-address.js';
import { Cdn } from './cdn.js';
import { fileResponse } from './file-response.js';
import { Gateway } from './gateway.js';
import { Interactions } from './interactions.js';
import { Messages } from './messages.js';
import { Payloads } from './payload.js';
import { restApp } from './rest/app.js';
import { Faults } from './rest/faults.js';
import type { Exchange } from './rest/services.js';
import { LIMITS } from './rules/limits.js';
import type { Sharding } from './session-starts.js';
import { type Application, type Channel, type Guild, type Message, newChannel, type User } from './things.js';
import { World } from './world.js';

export interface LocalDiscordOptions {
  /**
   * 127.0.0.1, the default, only accepts connections from this machine; 0.0.0.0 from everywhere, for a container that
   * publishes its port.
   */
  host?: '127.0.0.1' | '0.0.0.0';
  /** 0, the default, takes any free port. */
  port?: number;
  now?: () => number;
  /** A timer on the same clock as `now`. @returns a function that cancels it. */
  after?: (milliseconds: number, then: () => void) => () => void;
  heartbeatInterval?: number;
  /** By default, bots are told to start one shard per thousand guilds, and may start sessions as fast as they like. */
  sharding?: Partial<Sharding>;
  /** Called with each REST request and its response. */
  onExchange?: (exchange: Exchange) => void | Promise<void>;
}

/** Most bytes of a client's frame: above the 4096 that the gateway answers with its own close code. */
const MAX_FRAME = 64 * 1024;

/** Everybody's permissions, unless a role or channel says otherwise. */
const EVERYONE =
  P.ViewChannel |
  P.SendMessages |
  P.SendMessagesInThreads |
  P.CreatePublicThreads |
  P.EmbedLinks |
  P.AttachFiles |
  P.ReadMessageHistory |
  P.AddReactions |
  P.UseExternalEmojis |
  P.UseApplicationCommands |
  P.UseExternalApps;

/**
 * A Discord of your own on this machine: gateway, REST and CDN for real clients.
 *
 * @example
 * const discord = await LocalDiscord.start();
 * const application = discord.createApplication('easel');
 * const alice = discord.createUser('alice');
 * const guild = discord.createGuild('studio', alice);
 * discord.install(application, guild);
 * const general = discord.createChannel(guild, 'general');
 * const client = new Client({ intents: ['Guilds'], rest: { api: discord.apiUrl } });
 * await client.login(application.token);
 * await discord.stop();
 */
export class LocalDiscord {
  readonly world: World;
  readonly payloads: Payloads;
  readonly messages: Messages;
  readonly interactions: Interactions;
  readonly gateway: Gateway;
  readonly faults = new Faults();
  readonly cdn: Cdn;
  /** Everything else that the server serves: the page. May be set after the server has started. */
  more: Hono | null = null;
  readonly #server: Server;
  readonly #sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME });
  readonly #upgrades = new Map<string, WebSocketServer>();

  /** Does not listen yet; `start` does. */
  constructor(options: LocalDiscordOptions) {
    const { now = Date.now, after = timer, heartbeatInterval = 41_250, sharding, onExchange } = options;
    this.world = new World(now);
    this.cdn = new Cdn(this.world, () => this.url);
    this.payloads = new Payloads(this.world, (...place) => this.cdn.sign(...place));
    this.messages = new Messages(this.world, this.payloads);
    this.interactions = new Interactions(this.world, this.payloads, after);
    const gatewayUrl = () => `${this.url.replace('http', 'ws')}/gateway`;
    this.gateway = new Gateway(this.world, this.payloads, gatewayUrl, heartbeatInterval, after, sharding);
    const app = new Hono();
    app.route('/', restApp({ ...this, gatewayUrl, onExchange }));
    app.get('/attachments/:channel/:id/:name', async (c) => {
      const path = new URL(c.req.url).pathname;
      const file = await this.cdn.open(path, c.req.query());
      if (!file) return c.text('This content is no longer available.', 404);
      return fileResponse(file, { 'cache-control': 'private, max-age=3600' });
    });
    app.get('/:kind{emojis|stickers}/:file', async (c) => {
      const file = await this.world.file(c.req.param('file').split('.')[0]!);
      if (!file) return c.notFound();
      return fileResponse(file);
    });
    app.all('*', (c) => this.more?.fetch(c.req.raw) ?? c.notFound());
    this.#server = createAdaptorServer({ fetch: app.fetch }) as Server;
    this.onUpgrade('/gateway', this.#sockets);
    this.#sockets.on('connection', (socket) => this.gateway.accept(socket));
    this.#server.on('upgrade', (request, socket, head) => {
      // Any website can open a WebSocket to this server, with any path.
      const url = request.url ?? '/';
      if (!isOurOrigin(request.headers.origin) || !URL.canParse(url, 'http://localhost')) return socket.destroy();
      const sockets = this.#upgrades.get(new URL(url, 'http://localhost').pathname.replace(/(.)\/$/, '$1'));
      if (!sockets) return socket.destroy();
      sockets.handleUpgrade(request, socket, head, (web) => sockets.emit('connection', web, request));
    });
  }

  /** Listens. @throws the server's own error, such as EADDRINUSE for a port that is taken. */
  static async start<T extends LocalDiscord>(
    this: new (
      options: LocalDiscordOptions,
    ) => T,
    options: LocalDiscordOptions = {},
  ): Promise<T> {
    const discord = new this(options);
    await new Promise<void>((resolve, reject) => {
      discord.#server.once('error', reject);
      discord.#server.listen(options.port ?? 0, options.host ?? '127.0.0.1', resolve);
    });
    return discord;
  }

  async stop(): Promise<void> {
    this.gateway.close();
    for (const sockets of this.#upgrades.values()) for (const socket of sockets.clients) socket.terminate();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** For discord.js: `rest: { api }`; for the bot: DISCORD_API_URL. */
  get apiUrl(): string {
    return `${this.url}/api`;
  }

  /** Passes WebSockets for a path to another server. */
  onUpgrade(path: string, sockets: WebSocketServer): void {
    this.#upgrades.set(path, sockets);
  }

  /** Creates a bot account with its application. @param token random by default. */
  createApplication(name: string, token?: string): Application {
    const id = this.world.id();
    const bot = this.createUser(name, { bot: true, id });
    const made = [
      Buffer.from(id).toString('base64url'),
      'local',
      Buffer.from(`${id}${name}`).toString('base64url'),
    ].join('.');
    const application: Application = {
      id,
      botId: bot.id,
      token: token ?? made,
      commands: new Map(),
      guilds: new Set(),
      users: new Set(),
      privilegedIntents: 0,
    };
    this.world.put('applications', application);
    return application;
  }

  createUser(username: string, { bot = false, locale = 'en-US', id = this.world.id() } = {}): User {
    const user = { id, username, globalName: username, bot, locale, attachmentLimit: LIMITS.file };
    this.world.put('users', user);
    return user;
  }

  createGuild(name: string, owner: User, locale = 'en-US'): Guild {
    const id = this.world.id();
    const everyone = { id, name: '@everyone', permissions: EVERYONE, color: 0 };
    const guild: Guild = {
      id,
      name,
      ownerId: owner.id,
      locale,
      roles: new Map([[id, everyone]]),
      members: new Map(),
      emojis: new Map(),
      stickers: new Map(),
    };
    this.join(guild, owner);
    return guild;
  }

  join(guild: Guild, user: User): void {
    guild.members.set(user.id, { userId: user.id, roles: [], joinedAt: this.world.timestamp() });
    this.world.put('guilds', guild);
  }

  createChannel(guild: Guild, name: string, settings: Partial<Channel> = {}): Channel {
    const channel = { ...newChannel(this.world.id(), guild.id, name), ...settings };
    this.world.put('channels', channel);
    this.world.publish({ name: 'CHANNEL_CREATE', data: this.payloads.channel(channel), guildId: guild.id });
    return channel;
  }

  createRole(guild: Guild, name: string, permissions = 0n): string {
    const id = this.world.id();
    guild.roles.set(id, { id, name, permissions, color: 0 });
    this.world.put('guilds', guild);
    this.world.publish({
      name: 'GUILD_ROLE_CREATE',
      data: { guild_id: guild.id, role: this.payloads.role(guild, id) },
      guildId: guild.id,
    });
    return id;
  }

  /** Adds an app to a guild, or installs it for a user. */
  install(application: Application, place: Guild | User): void {
    if (!('ownerId' in place)) {
      application.users.add(place.id);
      this.world.put('applications', application);
      return;
    }
    application.guilds.add(place.id);
    this.world.put('applications', application);
    this.join(place, this.world.user(application.botId));
    this.world.publish({ name: 'GUILD_CREATE', data: this.payloads.guild(place), guildId: place.id });
  }

  uninstall(application: Application, guild: Guild): void {
    this.world.publish({ name: 'GUILD_DELETE', data: { id: guild.id }, guildId: guild.id });
    application.guilds.delete(guild.id);
    guild.members.delete(application.botId);
    this.world.put('applications', application);
    this.world.put('guilds', guild);
  }

  deleteChannel(channel: Channel): void {
    this.world.remove('channels', channel);
    this.world.publish({ name: 'CHANNEL_DELETE', data: this.payloads.channel(channel), guildId: channel.guildId });
  }

  /** What a user sees in a channel, oldest first. */
  messagesIn(channel: Channel, user: User): Message[] {
    const all = [...(this.world.messages.get(channel.id)?.values() ?? [])];
    return all.filter(({ onlyFor }) => !onlyFor || onlyFor === user.id);
  }
}

function timer(milliseconds: number, then: () => void): () => void {
  const timeout = setTimeout(then, milliseconds);
  timeout.unref();
  return () => clearTimeout(timeout);
}
