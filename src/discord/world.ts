import { DiscordError, unknown } from './error.js';
import { Snowflakes } from './snowflake.js';
import { type Bytes, MemoryBytes } from './storage/bytes.js';
import {
  type Application,
  type Channel,
  type Guild,
  type KeptInteraction,
  type Kind,
  keyOf,
  type Message,
  newChannel,
  type StoredFile,
  type Things,
  type User,
} from './things.js';

/** Stores what happens in a world. */
export interface Recorder {
  /** A thing was added, changed or, if null, removed. Keys are unique within a kind. */
  changed(kind: Kind, key: string, thing: Things[Kind] | null): void;
  /** Called before anybody is told. */
  flush(): void;
}

/** An event for gateways and pages, which decide who may see it. */
export interface WorldEvent {
  name: string;
  data: unknown;
  guildId?: string | null;
  channelId?: string;
  /** Only visible to this user (and the app): ephemeral messages. */
  onlyFor?: string | null;
  /** Only for the gateway sessions of this application: interactions. */
  applicationId?: string;
}

/**
 * The local Discord's state. Its methods look up and publish; the rules are in the routes. Things are only added and
 * removed by `put` and `remove`, so that each change can be stored.
 */
export class World {
  readonly #users = new Map<string, User>();
  readonly #guilds = new Map<string, Guild>();
  readonly #channels = new Map<string, Channel>();
  readonly #messages = new Map<string, Map<string, Message>>();
  readonly #applications = new Map<string, Application>();
  readonly #interactions = new Map<string, KeptInteraction>();
  readonly #files = new Map<string, StoredFile>();
  readonly users: ReadonlyMap<string, User> = this.#users;
  readonly guilds: ReadonlyMap<string, Guild> = this.#guilds;
  readonly channels: ReadonlyMap<string, Channel> = this.#channels;
  /** By channel, oldest first. */
  readonly messages: ReadonlyMap<string, ReadonlyMap<string, Message>> = this.#messages;
  readonly applications: ReadonlyMap<string, Application> = this.#applications;
  /** By token, oldest first. */
  readonly interactions: ReadonlyMap<string, KeptInteraction> = this.#interactions;
  /** Attachments, emojis and stickers. */
  readonly files: ReadonlyMap<string, StoredFile> = this.#files;
  /** Where the bytes of files are stored. */
  bytes: Bytes = new MemoryBytes();
  recorder: Recorder | null = null;
  readonly #listeners = new Set<(event: WorldEvent) => void>();
  readonly #snowflakes: Snowflakes;

  constructor(readonly now: () => number) {
    this.#snowflakes = new Snowflakes(now);
  }

  id(): string {
    return this.#snowflakes.next();
  }

  timestamp(): string {
    return new Date(this.now()).toISOString();
  }

  /** Adds a thing. Must also be called after changing one in place. */
  put<K extends Kind>(kind: K, thing: Things[K]): void {
    const key = keyOf(kind, thing);
    this.#mapOf(kind, thing).set(key, thing);
    this.recorder?.changed(kind, key, thing);
  }

  /** With a channel its messages are removed, with a message its files. */
  remove<K extends Kind>(kind: K, thing: Things[K]): void {
    const key = keyOf(kind, thing);
    if (!this.#mapOf(kind, thing).delete(key)) return;
    this.recorder?.changed(kind, key, null);
    if (kind === 'channels') {
      for (const message of [...(this.#messages.get(key)?.values() ?? [])]) this.remove('messages', message);
      this.#messages.delete(key);
    }
    if (kind === 'messages') for (const { id } of (thing as Message).attachments) this.removeFile(id);
  }

  /** Everything, each kind in the order in which it was added. */
  *things(): Generator<[Kind, Things[Kind]]> {
    const { users, guilds, channels, applications, interactions, files } = this;
    for (const [kind, map] of Object.entries({ users, guilds, channels, applications, interactions, files }))
      for (const thing of map.values()) yield [kind as Kind, thing];
    for (const inChannel of this.messages.values())
      for (const message of inChannel.values()) yield ['messages', message];
  }

  /** Stores a file. @returns its id. */
  async addFile({ name, type, bytes }: { name: string; type: string; bytes: Uint8Array }): Promise<string> {
    const id = this.id();
    await this.bytes.write(id, bytes);
    this.put('files', { id, name, type });
    return id;
  }

  /** Null if there is no such file. */
  async file(id: string): Promise<{ bytes: Uint8Array; type: string } | null> {
    const file = this.#files.get(id);
    const bytes = file && (await this.bytes.read(id));
    return bytes ? { bytes, type: file.type } : null;
  }

  removeFile(id: string): void {
    const file = this.#files.get(id);
    if (!file) return;
    this.remove('files', file);
    this.bytes.remove(id);
  }

  #mapOf<K extends Kind>(kind: K, thing: Things[K]): Map<string, Things[K]> {
    const maps = {
      users: this.#users,
      guilds: this.#guilds,
      channels: this.#channels,
      applications: this.#applications,
      interactions: this.#interactions,
      files: this.#files,
    };
    if (kind !== 'messages') return maps[kind as Exclude<Kind, 'messages'>] as Map<string, never>;
    const { channel_id } = thing as Message;
    const inChannel = this.#messages.get(channel_id) ?? new Map<string, Message>();
    this.#messages.set(channel_id, inChannel);
    return inChannel as Map<string, never>;
  }

  publish(event: WorldEvent): void {
    this.recorder?.flush();
    for (const listener of this.#listeners) listener(event);
  }

  /** @returns a function that stops it. */
  listen(listener: (event: WorldEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  user(id: string): User {
    return found(this.users.get(id), unknown.user);
  }

  guild(id: string): Guild {
    return found(this.guilds.get(id), unknown.guild);
  }

  channel(id: string): Channel {
    return found(this.channels.get(id), unknown.channel);
  }

  message(channelId: string, id: string): Message {
    return found(this.messages.get(channelId)?.get(id), unknown.message);
  }

  application(id: string): Application {
    return found(this.applications.get(id), unknown.application);
  }

  applicationByToken(token: string): Application {
    const application = [...this.applications.values()].find((one) => one.token === token);
    if (!application) throw new DiscordError(401, 0, '401: Unauthorized');
    return application;
  }

  /** The direct messages of two users, created when first asked for. */
  directMessages(one: string, other: string): Channel {
    const known = [...this.channels.values()].find(
      ({ guildId, recipients }) => !guildId && recipients.includes(one) && recipients.includes(other),
    );
    if (known) return known;
    const channel = newChannel(this.id(), null, '');
    channel.recipients = [one, other];
    this.put('channels', channel);
    return channel;
  }
}

function found<T>(value: T | undefined, error: () => DiscordError): T {
  if (value === undefined) throw error();
  return value;
}
