import { GatewayCloseCodes as Close } from 'discord-api-types/v10';
import { shardOf } from './session-starts.js';
import type { Application } from './things.js';

/** Presence, members and message content (documentation, "Privileged intents"). */
const PRIVILEGED = (1 << 1) | (1 << 8) | (1 << 15);

/** What a client says in IDENTIFY; it may be anything. */
export interface Identify {
  readonly token?: string;
  readonly intents?: number;
  readonly shard?: readonly [number, number];
  readonly presence?: unknown;
}

/** What a session is for. */
export interface Identity {
  readonly application: Application;
  readonly intents: number;
  readonly shard: readonly [shard: number, shards: number];
  /** Of the shard. */
  readonly guilds: readonly string[];
}

/** Who it is, or the code with which Discord closes the connection ("Gateway Close Event Codes"). */
export function identityOf(
  { token, intents, shard: given = [0, 1] }: Identify,
  applications: Iterable<Application>,
  guildsPerShard: number,
): Identity | Close {
  const application = [...applications].find((one) => one.token === token);
  if (!application) return Close.AuthenticationFailed;
  if (typeof intents !== 'number' || intents < 0 || intents >= 1 << 26) return Close.InvalidIntents;
  if (intents & PRIVILEGED & ~application.privilegedIntents) return Close.DisallowedIntents;
  const [shard, shards] = Array.isArray(given) ? given : [-1, 1];
  if (!Number.isInteger(shard) || !Number.isInteger(shards) || shard < 0 || shard >= shards) return Close.InvalidShard;
  const guilds = [...application.guilds].filter((guild) => shardOf(guild, shards) === shard);
  if (guilds.length > guildsPerShard) return Close.ShardingRequired;
  return { application, intents, shard: [shard, shards], guilds };
}

/** The words that Discord adds to some of its close codes. */
export const REASONS: Partial<Record<Close, string>> = {
  [Close.AuthenticationFailed]: 'Authentication failed.',
  [Close.InvalidIntents]: 'Invalid intent(s).',
  [Close.DisallowedIntents]: 'Disallowed intent(s).',
  [Close.InvalidShard]: 'Invalid shard.',
  [Close.ShardingRequired]: 'Sharding required.',
};
