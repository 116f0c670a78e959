import type Keyv from 'keyv';
import type { Logger } from 'pino';
import { Serial } from '../../engine/serial.js';
import type { Job } from '../request/job.js';
import { deleteAll, scan } from '../storage/scan.js';
import {
  countedForMember,
  countedInPlace,
  type MemberCounters,
  memberCounters,
  type Painting,
  type PlaceCounters,
  placeCounters,
  withoutMember,
} from './counters.js';

/**
 * Counts what was painted, in the store. Nobody waits for it, and what cannot be written is not counted.
 *
 * Invariant: changes are written one at a time, so that none overwrites another.
 */
export class Stats {
  readonly #writing = new Serial();

  constructor(
    private readonly store: Keyv,
    private readonly log: Pick<Logger, 'warn'>,
    private readonly now: () => number = Date.now,
  ) {}

  /** @param seconds that painting took, and `cpu` of them on processors, all cores together. */
  painted({ id, request, origin }: Pick<Job, 'id' | 'request' | 'origin'>, seconds: number, cpu = 0): void {
    const { userId } = origin;
    const { count: pictures, model, sampler } = request;
    const painting = { userId, pictures, seconds, cpu, model, sampler };
    void this.#writing
      .run(() => this.#count(placeName(origin.guildId, userId), painting))
      .catch((err) => this.log.warn({ job: id, err }, 'a job could not be counted'));
  }

  async ofPlace(guildId: string | null, userId: string): Promise<PlaceCounters | null> {
    return placeCounters.safeParse(await this.store.get(placeKey(placeName(guildId, userId)))).data ?? null;
  }

  async ofMember(guildId: string | null, userId: string): Promise<MemberCounters | null> {
    return memberCounters.safeParse(await this.store.get(memberKey(placeName(guildId, userId), userId))).data ?? null;
  }

  /** The counts of everybody who painted in a guild, in no order. */
  async *ofMembers(guildId: string): AsyncGenerator<[userId: string, counters: MemberCounters]> {
    const start = memberKey(guildId, '');
    for await (const [key, value] of scan(this.store)) {
      if (!key.startsWith(start)) continue;
      const counters = memberCounters.safeParse(value).data;
      if (counters) yield [key.slice(start.length), counters];
    }
  }

  /** A user's counts, by place. */
  async ofUser(userId: string): Promise<Record<string, unknown>> {
    const found: Record<string, unknown> = {};
    for await (const [key, value] of scan(this.store)) {
      if (key.startsWith('member:') && key.endsWith(`:${userId}`)) found[key.split(':')[1]!] = value;
    }
    return found;
  }

  /** Removes a user's name; their pictures stay in the totals. */
  forget(userId: string): Promise<void> {
    return this.#writing.run(async () => {
      const own: string[] = [placeKey(placeName(null, userId))];
      for await (const [key, value] of scan(this.store)) {
        if (key.startsWith('member:') && key.endsWith(`:${userId}`)) own.push(key);
        const counters = key.startsWith('place:') ? placeCounters.safeParse(value).data : undefined;
        const nameless = counters && withoutMember(counters, userId);
        if (nameless) await this.store.set(key, nameless);
      }
      await deleteAll(this.store, own);
    });
  }

  /** Resolves when everything counted so far is written. */
  settled(): Promise<void> {
    return this.#writing.settled();
  }

  async #count(place: string, painting: Painting): Promise<void> {
    const [ofPlace, ofMember] = [placeKey(place), memberKey(place, painting.userId)];
    const inPlace = placeCounters.safeParse(await this.store.get(ofPlace)).data;
    await this.store.set(ofPlace, countedInPlace(inPlace, painting, this.now()));
    const member = memberCounters.safeParse(await this.store.get(ofMember)).data;
    await this.store.set(ofMember, countedForMember(member, painting, this.now()));
  }
}

function placeName(guildId: string | null, userId: string): string {
  return guildId ?? `dm-${userId}`;
}

function placeKey(place: string): string {
  return `place:${place}`;
}

function memberKey(place: string, userId: string): string {
  return `member:${place}:${userId}`;
}
