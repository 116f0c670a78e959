import { setTimeout as sleep } from 'node:timers/promises';
import { shardOf } from '../../../src/discord/session-starts.js';
import type { Guild, User } from '../../../src/discord/things.js';
import type { DrivenDiscord } from './driven-discord.js';

/** A guild that belongs to that shard: its id is the time of its making, so another millisecond may bring another shard. */
export async function guildOnShard(discord: DrivenDiscord, owner: User, shard: number, shards: number): Promise<Guild> {
  for (;;) {
    const guild = discord.createGuild(`shard ${shard}`, owner);
    if (shardOf(guild.id, shards) === shard) return guild;
    await sleep(1);
  }
}
