import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { EaselError } from '../../engine/errors.js';
import { inTime } from '../storage/store-error.js';
import { type Holder, nameOf, readHolder } from './holder.js';
import type { Lease } from './lease.js';

/** Milliseconds. */
export interface LeaderTimes {
  /** Without being renewed, after which another bot may lead. */
  readonly lease: number;
  /** Between renewals. */
  readonly renew: number;
  /** Between a standby's looks at the lock. */
  readonly look: number;
}

/** A bot that is killed is replaced within eleven seconds, and the time that the other needs to connect. */
const TIMES: LeaderTimes = { lease: 10_000, renew: 2500, look: 500 };

export interface LeaderOptions {
  readonly lease: Lease;
  readonly holder: Holder;
  /** The store, for messages. */
  readonly where: string;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  readonly times?: LeaderTimes;
}

/** This bot may do nothing, because another may lead. */
export class NotLeading extends Error {
  override name = 'NotLeading';
}

/**
 * The one bot of several that works; the others wait for its lock. It renews the lock, and asks for it before whatever
 * must not happen twice.
 *
 * Invariant: while it `leads`, by this machine's clock, no other bot's lock has begun: its time is counted from before
 * the store was asked. A process that was frozen therefore knows that its time is up before it does anything else.
 */
export class Leader {
  /** Resolves, with what to tell the operator, when this bot leads no more; it must then be stopped. */
  readonly lost: Promise<EaselError>;
  readonly #times: LeaderTimes;
  #until: number;
  #over = false;
  #expiry: NodeJS.Timeout | undefined;
  readonly #renewals: NodeJS.Timeout;
  #onLost!: (error: EaselError) => void;

  private constructor(
    private readonly options: LeaderOptions,
    /** Greater than that of every leader before. */
    readonly epoch: number,
    began: number,
  ) {
    this.#times = options.times ?? TIMES;
    this.lost = new Promise((resolve) => {
      this.#onLost = resolve;
    });
    this.#until = began;
    this.#extend(began);
    this.#renewals = setInterval(() => void this.confirm().catch(() => {}), this.#times.renew);
  }

  /**
   * Waits until no other bot leads.
   *
   * @param onWait called with whom it waits for.
   * @throws EaselError if the other bot has another DATA_DIR.
   */
  static async wait(options: LeaderOptions, onWait: (leader: string) => void = () => {}): Promise<Leader> {
    const { lease, holder, where, log, times = TIMES } = options;
    let known = '';
    for (;;) {
      const began = performance.now();
      const taken = await inTime(where, () => lease.take(JSON.stringify(holder), times.lease)).catch((err) => {
        if (known !== '?') log.warn({ err }, 'the lock of the leader cannot be read; trying again');
        return { holder: '?' };
      });
      if ('epoch' in taken) return new Leader(options, taken.epoch, began);
      if (taken.holder !== known) {
        known = taken.holder;
        const other = readHolder(taken.holder);
        if (other && other.folder !== holder.folder) throw elsewhere(other);
        if (other) log.info({ leader: other.host, pid: other.pid }, 'standing by: another bot leads');
        onWait(other ? nameOf(other) : 'unknown');
      }
      await sleep(times.look);
    }
  }

  /** Whether no other bot can have taken over. Needs no answer from anybody. */
  get leads(): boolean {
    return !this.#over && performance.now() < this.#until;
  }

  /** @throws NotLeading */
  readonly assert = (): void => {
    if (!this.leads) throw new NotLeading('Another bot may lead now.');
  };

  /** Asks the store whether this bot still leads. @throws NotLeading; StoreError if it does not answer. */
  async confirm(): Promise<void> {
    if (this.#over) throw new NotLeading('Another bot leads now.');
    const { lease, holder, where } = this.options;
    const began = performance.now();
    const kept = await inTime(where, () => lease.keep(JSON.stringify(holder), this.epoch, this.#times.lease));
    if (!kept) this.#lose(`Another bot leads now: this one did not renew its lock for ${this.#seconds} seconds.`);
    if (this.#over) throw new NotLeading('Another bot leads now.');
    this.#extend(began);
  }

  /**
   * Waits until it is certain that this bot leads: work is handed out only then. If it never is, the signal ends the
   * waiting.
   *
   * @throws the signal's reason.
   */
  async certainty(signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      const certain = await this.confirm().then(
        () => true,
        () => false,
      );
      if (certain) return;
      await sleep(this.#times.look, undefined, { signal });
    }
  }

  /** Lets another bot lead at once. */
  async release(): Promise<void> {
    this.#stop();
    const { lease, holder, where, log } = this.options;
    if (this.#over) return;
    this.#over = true;
    await inTime(where, () => lease.release(JSON.stringify(holder), this.epoch)).catch((err) =>
      log.warn({ err }, `the lock of the leader was not released; it ends by itself in ${this.#seconds} seconds`),
    );
  }

  get #seconds(): number {
    return this.#times.lease / 1000;
  }

  #extend(began: number): void {
    this.#until = Math.max(this.#until, began + this.#times.lease);
    clearTimeout(this.#expiry);
    this.#expiry = setTimeout(() => void this.#expire(), this.#until - performance.now());
  }

  /** The last question: if nobody has led meanwhile, such as after a night's sleep of the machine, this bot goes on. */
  async #expire(): Promise<void> {
    try {
      await this.confirm();
    } catch {
      this.#lose(
        `The store (${this.options.where}) did not answer for ${this.#seconds} seconds, so another bot may lead.`,
      );
    }
  }

  #lose(why: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#stop();
    this.#onLost(new EaselError(`${why} It ends, so that nothing is sent twice. Start it again as a standby.`));
  }

  #stop(): void {
    clearInterval(this.#renewals);
    clearTimeout(this.#expiry);
  }
}

/** Pictures that are painted and not delivered, and uploads that waiting requests start from, lie in DATA_DIR. */
function elsewhere(leader: Holder): EaselError {
  return new EaselError(
    `The bot that leads (${nameOf(leader)}) has another DATA_DIR. A standby needs the same folder, such as one on a network file system: finished pictures and uploads are in it. Set DATA_DIR, or STANDBY=off and another DATABASE_URL for a bot of its own.`,
  );
}
