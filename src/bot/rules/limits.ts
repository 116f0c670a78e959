import {
  type RateLimiterAbstract,
  RateLimiterPostgres,
  RateLimiterRedis,
  RateLimiterRes,
  RateLimiterSQLite,
} from 'rate-limiter-flexible';
import type { Config } from '../../config.js';
import { MAX_COUNT } from '../request/bounds.js';
import type { Store } from '../storage/store.js';
import { inTime } from '../storage/store-error.js';

const HOUR = 3600;
/** Milliseconds until an hour ends that has just begun, and a little more: clocks are set. */
const LONGEST = HOUR * 1000 + 60_000;
const TABLE = 'easel_limits';
/** Points per window; far above any limit, because guilds differ and the limiter has one number. */
const POINTS = 1e9;

export interface LimitRequest {
  /** Null for a guild without members, the HTTP API: only the guild's limit holds. */
  readonly userId: string | null;
  readonly guildId: string | null;
  readonly pictures: number;
  /** The guild's limit per member and hour, instead of the operator's; never above that. */
  readonly perHour?: number;
}

export type Grant =
  | { readonly ok: true; refund(): Promise<void> }
  /** More at once than any hour has. */
  | { readonly ok: false; readonly who: 'nobody'; readonly limit: number }
  | {
      readonly ok: false;
      readonly who: 'user' | 'guild';
      /** Milliseconds since the epoch. */
      readonly retryAt: number;
    };

/** Use of the current hour, in pictures. */
export interface Taken {
  readonly key: string;
  readonly pictures: number;
  /** Milliseconds since the epoch. */
  readonly until: number;
}

/**
 * Pictures per hour for each user and each guild, kept in the store. An hour begins with its first picture. Each guild
 * also counts its members separately, so that their use elsewhere does not matter to a guild with a stricter limit.
 */
export class Limits {
  private constructor(
    private readonly limiter: RateLimiterAbstract,
    /** The store, for messages. */
    private readonly where: string,
    private readonly config: Pick<Config, 'userPerHour' | 'guildPerHour'>,
    private readonly now: () => number,
  ) {}

  static async open(
    store: Store,
    config: Pick<Config, 'userPerHour' | 'guildPerHour'>,
    now: () => number = Date.now,
  ): Promise<Limits> {
    return new Limits(await inTime(store.where, () => limiterOn(store)), store.where, config, now);
  }

  /**
   * Takes the pictures from all hours or none. A usual request, of four pictures at most, is allowed in a fresh hour even if the
   * limit is less, or nobody could paint who leaves the number out; a larger one than the limit never is.
   */
  async take({ userId, guildId, pictures, perHour }: LimitRequest): Promise<Grant> {
    const { userPerHour, guildPerHour } = this.config;
    const shares: { key: string; limit: number; who: 'user' | 'guild' }[] = [];
    if (userId) shares.push({ key: `user:${userId}`, limit: userPerHour, who: 'user' });
    if (guildId) {
      // Counted even without such a limit, so that one set later applies to the current hour.
      const own = perHour ?? Number.POSITIVE_INFINITY;
      if (userId) shares.push({ key: `member:${guildId}:${userId}`, limit: own, who: 'user' });
      shares.push({ key: `guild:${guildId}`, limit: guildPerHour, who: 'guild' });
    }
    const limit = Math.min(...shares.map((share) => share.limit));
    if (pictures > Math.max(limit, MAX_COUNT)) return { ok: false, who: 'nobody', limit };
    const taken: string[] = [];
    const refund = async () => {
      // Emptied first, so that a second refund does nothing.
      for (const key of taken.splice(0)) await this.#change(key, -pictures);
    };
    for (const { key, limit, who } of shares) {
      const { consumedPoints, msBeforeNext } = await this.#consume(key, pictures);
      taken.push(key);
      const fresh = consumedPoints === pictures;
      if (consumedPoints > limit && !(fresh && limit > 0)) {
        await refund();
        return { ok: false, who, retryAt: this.now() + msBeforeNext };
      }
    }
    return { ok: true, refund };
  }

  /** A user's use of the current hours, overall and in some guilds. */
  async of(userId: string, guildIds: Iterable<string>): Promise<Taken[]> {
    const keys = [`user:${userId}`, ...[...guildIds].map((guildId) => `member:${guildId}:${userId}`)];
    const taken: Taken[] = [];
    for (const key of keys) {
      const hour = await inTime(this.where, () => this.limiter.get(key));
      if (!hour || hour.msBeforeNext <= 0) continue;
      taken.push({ key, pictures: hour.consumedPoints, until: this.now() + hour.msBeforeNext });
    }
    return taken;
  }

  async #consume(key: string, pictures: number): Promise<RateLimiterRes> {
    const taken = await this.#change(key, pictures);
    if (taken.msBeforeNext <= LONGEST) return taken;
    // It began while this machine's clock was ahead, and would last until that time.
    await inTime(this.where, () => this.limiter.delete(key));
    return this.#change(key, pictures);
  }

  #change(key: string, pictures: number): Promise<RateLimiterRes> {
    return inTime(this.where, async () => {
      try {
        return pictures < 0 ? await this.limiter.reward(key, -pictures) : await this.limiter.consume(key, pictures);
      } catch (error) {
        if (error instanceof RateLimiterRes) return error;
        throw error;
      }
    });
  }
}

function limiterOn({ backend }: Store): Promise<RateLimiterAbstract> {
  const common = { points: POINTS, duration: HOUR, keyPrefix: 'easel:limit', tableName: TABLE };
  return new Promise((resolve, reject) => {
    const ready = (error?: Error) => (error ? reject(error) : resolve(limiter));
    let limiter: RateLimiterAbstract;
    if (backend.kind === 'redis') {
      resolve(new RateLimiterRedis({ ...common, storeClient: backend.client, useRedisPackage: true }));
    } else if (backend.kind === 'postgres') {
      limiter = new RateLimiterPostgres({ ...common, storeClient: backend.pool, storeType: 'pool' }, ready);
    } else {
      const { database, commits } = backend;
      const storeClient = {
        prepare: (sql: string) => database.prepare(sql),
        // The job that it is for is written after it, and waits for the disk.
        transaction: (run: () => unknown) => () => commits.writeSoon(run),
      };
      limiter = new RateLimiterSQLite({ ...common, storeClient, storeType: 'better-sqlite3' }, ready);
    }
  });
}
