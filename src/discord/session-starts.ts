import type { Application } from './things.js';

/** How bots are spread over shards, and how often they may start sessions. May be changed at any time. */
export interface Sharding {
  /** How many shards bots are told to start; null is one per thousand guilds, about as Discord does. */
  shards: number | null;
  /** Most guilds of one shard. */
  guildsPerShard: number;
  /** How many sessions may be started in five seconds; null is as many as one likes, as nobody here needs protection. */
  maxConcurrency: number | null;
  /** How many sessions may be started in a day. */
  starts: number;
}

export const SHARDING: Sharding = { shards: null, guildsPerShard: 2500, maxConcurrency: null, starts: 1000 };

const DAY = 86_400_000;
const WINDOW = 5000;
const RECOMMENDED = 1000;

/** What may follow an IDENTIFY: a session, INVALID_SESSION, or the end of all sessions and of the token. */
export type Start = 'allowed' | 'tooSoon' | 'tooMany';

/**
 * Counts the sessions that bots start, and tells them how many they may (documentation, "Session Start Limit Object",
 * "Rate Limiting" and "Max Concurrency" of the gateway). Resumed sessions do not count.
 */
export class SessionStarts {
  /** By application: how many in the day that began with the first of them. */
  readonly #days = new Map<string, { began: number; count: number }>();
  /** By application and what Discord calls the rate limit key. */
  readonly #last = new Map<string, number>();

  constructor(
    private readonly sharding: Sharding,
    private readonly now: () => number,
  ) {}

  /** What `GET /gateway/bot` says beside the address. */
  told(application: Application) {
    const { shards, starts, maxConcurrency } = this.sharding;
    const { began, count } = this.#day(application);
    return {
      shards: shards ?? Math.max(1, Math.ceil(application.guilds.size / RECOMMENDED)),
      session_start_limit: {
        total: starts,
        remaining: Math.max(0, starts - count),
        reset_after: began + DAY - this.now(),
        max_concurrency: maxConcurrency ?? 1,
      },
    };
  }

  start(application: Application, shard: number): Start {
    const { starts, maxConcurrency } = this.sharding;
    const day = this.#day(application);
    if (day.count >= starts) return 'tooMany';
    day.count++;
    if (maxConcurrency === null) return 'allowed';
    const key = `${application.id}:${shard % maxConcurrency}`;
    const soon = this.now() - (this.#last.get(key) ?? Number.NEGATIVE_INFINITY) < WINDOW;
    this.#last.set(key, this.now());
    return soon ? 'tooSoon' : 'allowed';
  }

  #day({ id }: Application): { began: number; count: number } {
    const known = this.#days.get(id);
    if (known && this.now() < known.began + DAY) return known;
    const day = { began: this.now(), count: 0 };
    this.#days.set(id, day);
    return day;
  }
}

/** The shard that a guild's events go to (documentation, "Sharding"). */
export function shardOf(guild: string, shards: number): number {
  return Number((BigInt(guild) >> 22n) % BigInt(shards));
}
