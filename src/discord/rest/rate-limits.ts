import { createHash } from 'node:crypto';
import { tooMany } from './faults.js';

/** Requests per period in milliseconds, by route. Discord publishes none; these are from its headers. */
const BUCKETS: readonly (readonly [route: RegExp, limit: number, window: number])[] = [
  [/^(PUT|DELETE) \/channels\/:id\/messages\/[^/]+\/reactions/, 4, 1000],
  [/^POST \/channels\/:id\/messages$/, 5, 5000],
  [/^PATCH \/channels\/:id\/messages\/:id$/, 5, 5000],
  [/^(POST|PATCH|DELETE|GET) \/webhooks\//, 30, 10_000],
  [/^/, 50, 1000],
];
const GLOBAL = 50;

interface Bucket {
  used: number;
  resetAt: number;
}

/** Discord's rate limits: a bucket per route and top-level resource, and 50 requests per second for a bot's token. */
export class RateLimits {
  readonly #buckets = new Map<string, Bucket>();
  #global: Bucket = { used: 0, resetAt: 0 };

  constructor(private readonly now: () => number) {}

  take(method: string, path: string, withToken: boolean): { headers: Record<string, string>; refusal?: Response } {
    const now = this.now();
    if (withToken) {
      if (now >= this.#global.resetAt) this.#global = { used: 0, resetAt: now + 1000 };
      if (++this.#global.used > GLOBAL) {
        const after = (this.#global.resetAt - now) / 1000;
        return {
          headers: {},
          refusal: tooMany(after, { 'x-ratelimit-global': 'true', 'x-ratelimit-scope': 'global' }),
        };
      }
    }
    // The first id (or the interaction's token) has its own bucket, later ones share it.
    const [, kind = '', id = '', token = ''] = path.split('/');
    const major = kind === 'webhooks' || kind === 'interactions' ? `${id}/${token}` : id;
    const route = `${method} ${path.replace(/\d{15,}/g, ':id')}`;
    const [pattern, limit, window] = BUCKETS.find(([pattern]) => pattern.test(route))!;
    const name = createHash('md5').update(`${pattern}`).digest('hex');
    const key = `${name}:${major}`;
    let bucket = this.#buckets.get(key);
    if (!bucket || now >= bucket.resetAt) {
      bucket = { used: 0, resetAt: now + window };
      this.#buckets.set(key, bucket);
    }
    bucket.used++;
    const after = (bucket.resetAt - now) / 1000;
    const headers = {
      'x-ratelimit-limit': String(limit),
      'x-ratelimit-remaining': String(Math.max(limit - bucket.used, 0)),
      'x-ratelimit-reset': String(bucket.resetAt / 1000),
      'x-ratelimit-reset-after': String(after),
      'x-ratelimit-bucket': name,
    };
    if (bucket.used <= limit) return { headers };
    return { headers, refusal: tooMany(after, { ...headers, 'x-ratelimit-scope': 'user' }) };
  }
}
