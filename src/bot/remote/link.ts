import { setTimeout as sleep } from 'node:timers/promises';
import type { createClient } from '@redis/client';
import type { IRedisClient } from 'bullmq';
import type { Logger } from 'pino';
import { EaselError } from '../../engine/errors.js';
import { PREFIX } from './keys.js';
import { refusalOf } from './link-errors.js';
import type { RemoteTimes } from './times.js';

type Client = ReturnType<typeof createClient>;
type Bull = typeof import('bullmq');

export interface LinkOptions {
  readonly times: RemoteTimes;
  readonly log: Logger;
  /** Whether commands wait while Redis is away, or fail at once. */
  readonly waits: boolean;
  /** The certificate of the authority that signed Redis's, in PEM; by default those that Node trusts. */
  readonly ca?: string;
}

/** Redis does not answer, or is still connecting. */
export class RedisAway extends Error {
  override name = 'RedisAway';
}

/** Milliseconds between two tries to connect; at first less. */
const LONGEST_PAUSE = 2000;

/**
 * The connection of a bot or a painter to Redis: one for commands, which BullMQ shares, and one that listens. It comes
 * back by itself. One on which nothing arrives any more, as behind a broken router, is made again: as soon as an answer is
 * late, or, where only pings are sent, by the socket's own time-out, because a ping waits for the answer to the one before.
 */
export class Link implements AsyncDisposable {
  readonly #listeners = new Set<() => void>();
  #lastError = '';
  #closed = false;

  private constructor(
    /** BullMQ itself, loaded only where there is a link. */
    readonly bull: Bull,
    readonly redis: Client,
    /** The same connection as BullMQ takes it. */
    readonly connection: IRedisClient,
    private readonly subscriber: Client,
    /** Host and port, for people. */
    readonly where: string,
    private readonly options: LinkOptions,
  ) {}

  /**
   * Connects; if Redis does not answer, goes on trying in the background.
   *
   * @throws EaselError if BullMQ is not installed, or Redis refuses this name, password or certificate.
   */
  static async open(url: string, options: LinkOptions): Promise<Link> {
    const { redis: packageOf, bull } = await packages();
    const where = new URL(url).host;
    let ready = false;
    const create = (waits: boolean): Client =>
      packageOf.createClient({
        url,
        disableOfflineQueue: !waits,
        pingInterval: options.times.patience,
        socket: {
          connectTimeout: options.times.patience,
          socketTimeout: 3 * options.times.patience,
          // Undefined would be no authority at all.
          ...(options.ca === undefined ? {} : { ca: options.ca }),
          reconnectStrategy: (tries: number, cause: Error) =>
            !ready && refusalOf(cause, where)
              ? cause
              : Math.min(50 * 2 ** tries, LONGEST_PAUSE) * (0.8 + 0.4 * Math.random()),
        },
      } as Parameters<typeof createClient>[0]);
    const redis = create(options.waits);
    const subscriber = create(true);
    const heard = (error: unknown) => ready && link?.heard(error);
    // Without listeners, an error would end the process: also on the adapter, which emits its own.
    redis.on('error', heard);
    subscriber.on('error', heard);
    let link: Link | undefined;
    const refused = redis.connect().then(
      () => null,
      (error: unknown) => error,
    );
    const connection = bull.createNodeRedisClient(redis);
    connection.on('error', heard);
    link = new Link(bull, redis, connection, subscriber, where, options);
    const late = AbortSignal.timeout(options.times.patience);
    const waited = new Promise<'late'>((resolve) => late.addEventListener('abort', () => resolve('late')));
    const outcome = await Promise.race([refused, waited]);
    if (outcome === 'late') {
      const over = new URL(url).protocol === 'rediss:' ? ' over TLS' : '';
      options.log.warn({ redis: where }, `Redis does not answer${over} yet; it is asked again and again`);
    } else if (outcome !== null) {
      await link.close();
      const cause = (outcome as Error & { originalError?: Error }).originalError ?? (outcome as Error);
      throw refusalOf(cause, where) ?? new EaselError(`Redis at ${where} cannot be used: ${cause.message}.`, { cause });
    }
    ready = true;
    redis.on('ready', () => link!.#ready());
    subscriber.on('ready', () => link!.#ready());
    void subscriber.connect().catch(() => {});
    return link;
  }

  /** Called whenever the connection is there again. */
  onReady(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** What an answer of Redis is waited for. @throws RedisAway if none comes in time. */
  async ask<T>(answer: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const { patience } = this.options.times;
      timer = setTimeout(() => {
        this.#connectAgain();
        reject(new RedisAway(`Redis did not answer for ${patience / 1000} s`));
      }, patience);
    });
    answer.catch(() => {});
    try {
      return await Promise.race([answer, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Waits a while for Redis; if it is away, it listens as soon as it is back. */
  async listen(channel: string, listener: (text: string) => void): Promise<void> {
    const subscribed = this.subscriber.subscribe(channel, listener).catch(() => {});
    const late = new AbortController();
    const tired = sleep(this.options.times.patience, undefined, { signal: late.signal }).catch(() => {});
    await Promise.race([subscribed, tired]);
    late.abort();
  }

  /** The bytes at each key; null where there are none. */
  bytes(keys: readonly string[]): Promise<(Buffer | null)[]> {
    if (keys.length === 0) return Promise.resolve([]);
    const { RESP_TYPES } = this.#types;
    const binary = this.redis.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
    return binary.mGet([...keys]) as unknown as Promise<(Buffer | null)[]>;
  }

  /** What an operator should know about this Redis before it loses jobs. */
  async warnings(): Promise<string[]> {
    const info = await this.ask(this.redis.info());
    const value = (name: string) => new RegExp(`^${name}:(.*?)\\r?$`, 'm').exec(info)?.[1];
    const warnings: string[] = [];
    if (value('aof_enabled') === '0') {
      warnings.push('it keeps no journal, so a restart loses what is being painted: set "appendonly yes"');
    }
    const policy = value('maxmemory_policy');
    if (policy !== undefined && policy !== 'noeviction') {
      warnings.push(`when it is full it drops keys (${policy}): set "maxmemory-policy noeviction"`);
    }
    return warnings;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const client of [this.subscriber, this.redis]) if (client.isOpen) client.destroy();
    await Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** A line in the log for each new kind of failure, not one for each try. */
  heard(error: unknown): void {
    if (this.#closed) return;
    const { message = String(error), code } = (error ?? {}) as NodeJS.ErrnoException;
    const what = code ?? message;
    if (what === this.#lastError) return;
    this.#lastError = what;
    this.options.log.warn({ redis: this.where, reason: what }, 'the connection to Redis is broken; it is made again');
  }

  /** Nothing came back: the connection may be dead without either end knowing. What waits for an answer fails. */
  #connectAgain(): void {
    if (this.#closed) return;
    if (this.redis.isReady) this.connection.disconnect(true);
  }

  get #types(): typeof import('@redis/client') {
    return loaded!.redis;
  }

  #ready(): void {
    if (this.#lastError !== '') this.options.log.info({ redis: this.where }, 'Redis is back');
    this.#lastError = '';
    for (const listener of this.#listeners) listener();
  }
}

let loaded: { redis: typeof import('@redis/client'); bull: Bull } | undefined;

/** Both are optional: only who paints on other machines needs them. */
async function packages(): Promise<NonNullable<typeof loaded>> {
  try {
    const [redis, bull] = await Promise.all([import('@redis/client'), import('bullmq')]);
    loaded = { redis, bull };
    return loaded;
  } catch (cause) {
    throw new EaselError('Painters on other machines need the packages bullmq and @redis/client. Run: npm install', {
      cause,
    });
  }
}

export const BULL_OPTIONS = { prefix: PREFIX } as const;
