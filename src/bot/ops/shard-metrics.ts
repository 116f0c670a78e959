import type { Client } from 'discord.js';
import { Gauge, type Registry } from 'prom-client';
import { type Shard, shardsOf } from '../gateway/shards.js';

/** Shards with a label of their own; later ones are only in the totals, so that there are never too many series. */
const LABELLED = 100;

/** What is known of the connections to Discord: all together, and of each shard. */
export function shardMetrics(client: Client, registry: Registry): void {
  const registers = [registry];
  const total = (name: string, help: string, value: (shards: readonly Shard[]) => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(value(shardsOf(client)));
      },
    });
  total('easel_gateway_shards', 'Shards that the bot has.', ({ length }) => length);
  total('easel_gateway_shards_connected', 'Shards that are connected.', connectedOf);
  total('easel_gateway_guilds', 'Servers that the bot is in.', () => client.guilds.cache.size);
  total('easel_gateway_ping_seconds', 'Round trip of the last heartbeat on the slowest shard; -1 before it.', slowest);

  const each = (name: string, help: string, value: (shard: Shard) => number) =>
    new Gauge({
      name,
      help,
      labelNames: ['shard'],
      registers,
      collect() {
        this.reset();
        for (const shard of shardsOf(client).slice(0, LABELLED)) this.set({ shard: String(shard.id) }, value(shard));
      },
    });
  each('easel_gateway_shard_connected', '1 while the shard is connected.', ({ connected }) => Number(connected));
  each('easel_gateway_shard_ping_seconds', 'Round trip of its last heartbeat; -1 before it.', pingOf);
  each('easel_gateway_shard_guilds', 'Servers on the shard.', ({ guilds }) => guilds);
}

function connectedOf(shards: readonly Shard[]): number {
  return shards.filter(({ connected }) => connected).length;
}

function slowest(shards: readonly Shard[]): number {
  return Math.max(-1, ...shards.map(pingOf));
}

function pingOf({ pingSeconds }: Shard): number {
  return pingSeconds ?? -1;
}
