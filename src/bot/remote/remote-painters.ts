import type { Queue } from 'bullmq';
import type { Logger } from 'pino';
import { sizeStep } from '../../engine/pipeline/request.js';
import type { Models } from '../models/models.js';
import { type JobPainter, type PaintCall, PainterAway, type Painters } from '../painter/job-painter.js';
import type { Painted } from '../painter/messages.js';
import { Stopping } from '../queue/entry.js';
import type { PaintRequest } from '../request/paint-request.js';
import { isLora } from '../request/weights.js';
import { parsed } from '../storage/parsed.js';
import { HandOut } from './hand-out.js';
import { CHANNELS, KEYS, lockOf, pictureKeys, queueOf } from './keys.js';
import { BULL_OPTIONS, Link, type LinkOptions } from './link.js';
import { isFull } from './link-errors.js';
import { Place } from './place.js';
import { TIMES } from './times.js';
import {
  type Announcement,
  announcement,
  type FitOfSides,
  type RemoteOutcome,
  remoteOutcome,
  type Told,
  told,
} from './wire.js';

export interface RemotePaintersOptions extends Partial<Omit<LinkOptions, 'log' | 'waits'>> {
  readonly url: string;
  readonly fit: FitOfSides;
  readonly models: Pick<Models, 'get'>;
  /** SHA-256 of the bot's own models, by name. */
  readonly digests: ReadonlyMap<string, string>;
  readonly log: Logger;
}

/** BullMQ keeps so many events of a queue, which nobody reads here. */
const EVENTS = 10;

/**
 * The painters on other machines, through Redis. They announce themselves, and each has a queue of its own in BullMQ, with
 * at most one job: the bot's fair queue remains the only order, and a job goes to the painter that it was meant for, by its
 * models, pace and rest.
 *
 * Invariant: `all` has those that live, fit this bot and may have a job, and nobody while Redis is away or full.
 */
export class RemotePainters implements Painters {
  readonly #places = new Map<string, Place>();
  readonly #queues = new Map<string, Queue>();
  readonly #handOuts = new Map<string, HandOut>();
  readonly #listeners = new Set<() => void>();
  /** Of painters that do not fit, by name: said once. */
  readonly #unfit = new Map<string, string>();
  readonly #timers: NodeJS.Timeout[] = [];
  #trouble: string | null = null;
  #beating: Promise<void> | null = null;
  #closed = false;

  private constructor(
    private readonly link: Link,
    private readonly options: RemotePaintersOptions,
    private readonly times = { ...TIMES, ...options.times },
  ) {}

  /** @throws EaselError if Redis refuses this bot; while it does not answer, there are no painters. */
  static async open(options: RemotePaintersOptions): Promise<RemotePainters> {
    const { log } = options;
    const times = options.times ?? TIMES;
    const link = await Link.open(options.url, {
      log,
      times,
      waits: false,
      ...(options.ca !== undefined && { ca: options.ca }),
    });
    const painters = new RemotePainters(link, options);
    await painters.#begin();
    return painters;
  }

  get all(): readonly JobPainter[] {
    return this.#trouble === null ? [...this.#places.values()].filter((place) => this.#isOpen(place)) : [];
  }

  get problem(): string | null {
    if (this.#trouble !== null) return this.#trouble;
    if (this.#places.size > 0) return null;
    const [unfit] = this.#unfit.values();
    return unfit ?? `no painter is connected to Redis at ${this.link.where}`;
  }

  onChange(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Deletes what is left in Redis of a job that was delivered, and remembers that it was: what comes late is dropped. */
  async forget(job: string): Promise<void> {
    const { redis } = this.link;
    const gone = JSON.stringify({ kind: 'gone' } satisfies RemoteOutcome);
    const expiration = { type: 'PX', value: this.times.remembered } as const;
    try {
      // In one step: an outcome that comes in between would leave its pictures.
      const before = await this.link.ask(redis.set(KEYS.outcome(job), gone, { expiration, GET: true }));
      const outcome = parsed<RemoteOutcome>(remoteOutcome, before);
      if (outcome?.kind !== 'painted') return;
      const pictures = pictureKeys(outcome.attempt, outcome.pictures);
      if (pictures.length > 0) await this.link.ask(redis.del(pictures));
    } catch {
      // It expires.
    }
  }

  /** Jobs that are being painted go on; the next bot takes them over. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers) clearInterval(timer);
    await this.#beating?.catch(() => {});
    await Promise.all([...this.#queues.values()].map((queue) => queue.close().catch(() => {})));
    await this.link.close();
  }

  async #begin(): Promise<void> {
    const { log } = this.options;
    this.link.onReady(() => void this.#beat(true));
    await this.link.listen(CHANNELS.told, (text) => this.#told(parsed<Told>(told, text)));
    await this.#beat(false);
    if (this.#trouble === null) {
      const warnings = await this.link.warnings().catch(() => []);
      for (const warning of warnings) log.warn({ redis: this.link.where }, `Redis may lose jobs: ${warning}`);
    }
    this.#timers.push(
      setInterval(() => void this.#beat(false), this.times.announced / 3),
      setInterval(() => void this.#watch(), this.times.watch),
    );
  }

  /** Shows Redis that the bot lives, which also tries whether it can be written, and sees who else does. */
  #beat(again: boolean): Promise<void> {
    this.#beating ??= this.#beatOnce()
      .then(() => (again ? this.#watch() : undefined))
      .finally(() => {
        this.#beating = null;
      });
    return this.#beating;
  }

  async #beatOnce(): Promise<void> {
    if (this.#closed) return;
    const { redis } = this.link;
    try {
      const { version, schema } = this.options.fit;
      await this.link.ask(
        redis.set(KEYS.bot, JSON.stringify({ version, schema }), {
          expiration: { type: 'PX', value: this.times.announced },
        }),
      );
      const names: string[] = [];
      for await (const keys of redis.scanIterator({ MATCH: KEYS.slots, COUNT: 1000 })) names.push(...keys);
      const texts = names.length > 0 ? await this.link.ask(redis.mGet(names)) : [];
      const living = texts.flatMap((text) => parsed<Announcement>(announcement, text) ?? []);
      this.#sort(this.#trouble, null);
      const before = new Set(this.#places.keys());
      for (const each of living) {
        before.delete(each.name);
        this.#announced(each);
      }
      for (const name of before) this.#left(name);
      this.#changed();
    } catch (error) {
      if (this.#closed) return;
      const full = isFull(error);
      this.#sort(
        this.#trouble,
        full
          ? `Redis at ${this.link.where} is full or cannot write (${(error as Error).message.slice(0, 80)})`
          : `Redis at ${this.link.where} cannot be reached`,
      );
    }
  }

  /** A line in the log when it breaks, and when it works again. */
  #sort(before: string | null, now: string | null): void {
    this.#trouble = now;
    if (before === now) return;
    const { log } = this.options;
    if (now !== null && before === null) log.error(`${now}; jobs wait until it works again`);
    if (now === null) log.info({ redis: this.link.where }, 'Redis works again; jobs are handed out');
    this.#changed();
  }

  #told(message: Told | null): void {
    if (message === null || this.#closed) return;
    if (message.kind === 'announced') {
      this.#announced(message.painter);
      this.#changed();
    } else if (message.kind === 'left') {
      this.#left(message.name);
      this.#changed();
    } else this.#handOuts.get(message.attempt)?.told(message);
  }

  #announced(announced: Announcement): void {
    const { name } = announced;
    const why = this.#unfitness(announced);
    if (why !== null) {
      if (this.#unfit.get(name) !== why) this.options.log.error({ painter: name }, why);
      this.#unfit.set(name, why);
      this.#left(name);
      return;
    }
    this.#unfit.delete(name);
    const known = this.#places.get(name);
    // One that has started anew is another painter: what the one before had is lost.
    if (known && known.announced.run === announced.run) {
      known.announced = announced;
      return;
    }
    if (known) this.#left(name);
    this.options.log.info({ painter: name, models: Object.keys(announced.models).length }, 'a painter is there');
    const place = new Place(
      announced,
      (self, request, call) => this.#handOut(self, request, call),
      ({ models }, weights) => {
        const own = this.options.digests.get(weights);
        // A LoRA that the bot does not know either is refused by whoever paints, with the names of those that there are.
        return own === undefined ? isLora(weights) : models[weights] === own;
      },
    );
    this.#places.set(name, place);
    for (const handOut of this.#handOuts.values()) if (handOut.by === name) void handOut.look();
  }

  #left(name: string): void {
    if (!this.#places.delete(name)) return;
    this.options.log.warn({ painter: name }, 'a painter is gone');
    for (const handOut of this.#handOuts.values()) if (handOut.by === name) void handOut.look();
  }

  #unfitness({ name, version, schema, safetyChecker }: Announcement): string | null {
    const own = this.options.fit;
    if (version !== own.version || schema !== own.schema) {
      return `${name} is Easel ${version} and this bot ${own.version}${version === own.version ? ', of another build' : ''}: it gets no jobs until both are the same`;
    }
    if (safetyChecker !== own.safetyChecker) {
      const [here, there] = [own.safetyChecker, safetyChecker].map((on) => (on ? 'on' : 'off'));
      return `${name} has SAFETY_CHECKER=${there} and this bot ${here}: it gets no jobs until both are the same`;
    }
    return null;
  }

  #isOpen({ announced }: Place): boolean {
    return announced.state !== 'leaving';
  }

  async #handOut(place: Place, request: PaintRequest, call: PaintCall): Promise<Painted> {
    const { job, signal } = call;
    if (!job) throw new TypeError('Only jobs of the queue can be painted on another machine.');
    signal?.throwIfAborted();
    if (this.#trouble !== null || this.#places.get(place.name) !== place) {
      throw new PainterAway(this.#trouble ?? `${place.name} is gone.`);
    }
    const handOut = new HandOut(
      place.name,
      request,
      { ...call, job },
      {
        link: this.link,
        log: this.options.log,
        times: this.times,
        fit: this.options.fit,
        sizeStep: this.#sizeStepOf(request.model),
        queueOf: (painter) => this.#queueOf(painter),
        living: (painter) => this.#places.get(painter)?.announced,
        cancel: (attempt) => this.#cancel(attempt),
      },
    );
    this.#handOuts.set(handOut.attempt, handOut);
    try {
      return await handOut.run((reason) => reason instanceof Stopping);
    } catch (error) {
      // It says whether it is Redis, so that the next job is not handed out in vain.
      if (error instanceof PainterAway && error.cause !== undefined) await this.#beat(false);
      throw error;
    } finally {
      this.#handOuts.delete(handOut.attempt);
    }
  }

  #sizeStepOf(model: string): number {
    const offered = this.options.models.get(model);
    return offered ? sizeStep(offered.model) : 64;
  }

  /** The flag first, so that whoever misses the message finds it. */
  async #cancel(attempt: string): Promise<void> {
    const { redis } = this.link;
    const flag = redis.set(KEYS.cancelled(attempt), '1', { expiration: { type: 'PX', value: this.times.remembered } });
    await Promise.all([flag, redis.publish(CHANNELS.orders, JSON.stringify({ cancel: attempt }))]);
  }

  /** Sees after what is handed out, in case that a message was lost. */
  async #watch(): Promise<void> {
    if (this.#closed) return;
    await Promise.all([...this.#handOuts.values()].map((handOut) => handOut.look()));
    await this.#sweep().catch(() => {});
  }

  /** Removes the queues of painters that are gone for good, such as containers with a name of their own. */
  async #sweep(): Promise<void> {
    const { redis } = this.link;
    const busy = new Set([...this.#handOuts.values()].map(({ by }) => by));
    for (const name of await this.link.ask(redis.sMembers(KEYS.queues))) {
      if (this.#places.has(name) || busy.has(name) || (await redis.exists(KEYS.slot(name)))) continue;
      const queue = this.#queueOf(name);
      const active = await this.link.ask(queue.getActive(0, 0));
      // It may only be cut off.
      if (active[0] && (await redis.exists(lockOf(name, active[0].id!)))) continue;
      await this.link.ask(queue.obliterate({ force: true }));
      await this.link.ask(redis.sRem(KEYS.queues, name));
      this.#queues.delete(name);
      await queue.close().catch(() => {});
    }
  }

  #queueOf(painter: string): Queue {
    const known = this.#queues.get(painter);
    if (known) return known;
    const { Queue: BullQueue } = this.link.bull;
    const queue = new BullQueue(queueOf(painter), {
      ...BULL_OPTIONS,
      connection: this.link.connection as never,
      streams: { events: { maxLen: EVENTS } },
    });
    queue.on('error', (error) => this.link.heard(error));
    this.#queues.set(painter, queue);
    return queue;
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
