import type Keyv from 'keyv';
import type { Logger } from 'pino';
import type { Job } from '../job.js';
import {
  countedForMember,
  countedInPlace,
  type MemberCounters,
  memberCounters,
  type Painting,
  type PlaceCounters,
  placeCounters,
} from './counters.js';

/**
 * Counts what was painted, in the store. Nobody waits for it, and what cannot be written is not counted.
 *
 * Invariant: one change is written at a time, so that none is lost to another.
 */
export class Stats {
  #writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly store: Keyv,
    private readonly log: Pick<Logger, 'warn'>,
    private readonly now: () => number = Date.now,
  ) {}

  /** @param seconds that painting it took. */
  painted({ id, request, origin }: Pick<Job, 'id' | 'request' | 'origin'>, seconds: number): void {
    const { userId } = origin;
    const { count: pictures, model, sampler } = request;
    const painting = { userId, pictures, seconds, model, sampler };
    void this.#next(() => this.#count(placeOf(origin.guildId, userId), painting)).catch((err) =>
      this.log.warn({ job: id, err }, 'a job could not be counted'),
    );
  }

  async ofPlace(guildId: string | null, userId: string): Promise<PlaceCounters | null> {
    return placeCounters.safeParse(await this.store.get(placeKey(placeOf(guildId, userId)))).data ?? null;
  }

  async ofMember(guildId: string | null, userId: string): Promise<MemberCounters | null> {
    return memberCounters.safeParse(await this.store.get(memberKey(placeOf(guildId, userId), userId))).data ?? null;
  }

  /** Resolves when all that was counted so far is written. */
  settled(): Promise<void> {
    return this.#writing;
  }

  async #count(place: string, painting: Painting): Promise<void> {
    const [ofPlace, ofMember] = [placeKey(place), memberKey(place, painting.userId)];
    const inPlace = placeCounters.safeParse(await this.store.get(ofPlace)).data;
    await this.store.set(ofPlace, countedInPlace(inPlace, painting, this.now()));
    const member = memberCounters.safeParse(await this.store.get(ofMember)).data;
    await this.store.set(ofMember, countedForMember(member, painting, this.now()));
  }

  #next<T>(change: () => Promise<T>): Promise<T> {
    const done = this.#writing.then(change);
    this.#writing = done.then(
      () => {},
      () => {},
    );
    return done;
  }
}

function placeOf(guildId: string | null, userId: string): string {
  return guildId ?? `dm-${userId}`;
}

function placeKey(place: string): string {
  return `place:${place}`;
}

function memberKey(place: string, userId: string): string {
  return `member:${place}:${userId}`;
}
