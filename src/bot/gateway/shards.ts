import { type Client, Events, Status } from 'discord.js';
import type { Logger } from 'pino';

/** One of the bot's connections to Discord: each carries a part of the servers, and the first all direct messages. */
export interface Shard {
  readonly id: number;
  readonly connected: boolean;
  /** Round trip of its last heartbeat; null before the first. */
  readonly pingSeconds: number | null;
  readonly guilds: number;
}

/** In the order of their ids; none before the bot connects. */
export function shardsOf(client: Client): Shard[] {
  const guilds = new Map<number, number>();
  for (const { shardId } of client.guilds.cache.values()) guilds.set(shardId, (guilds.get(shardId) ?? 0) + 1);
  return client.ws.shards.map(({ id, status, ping }) => ({
    id,
    connected: status === Status.Ready,
    pingSeconds: ping >= 0 ? ping / 1000 : null,
    guilds: guilds.get(id) ?? 0,
  }));
}

/**
 * Whether the bot can serve anybody: it has connected with all its shards, and at least one is connected now. The client
 * itself stays "ready" while it reconnects. Discord asks every shard to reconnect from time to time, which takes
 * seconds; with many shards, one nearly always does.
 */
export function isConnected(client: Client): boolean {
  return client.isReady() && shardsOf(client).some(({ connected }) => connected);
}

/** Tells the log of every shard that comes or goes. */
export function logShards(client: Client, log: Logger): void {
  client.on(Events.ShardReady, (shard) => log.info({ shard, of: client.ws.shards.size }, 'a shard is connected'));
  client.on(Events.ShardResume, (shard) => log.info({ shard }, 'a shard is connected again'));
  client.on(Events.ShardReconnecting, (shard) => log.info({ shard }, 'a shard has lost its connection; reconnecting'));
}
