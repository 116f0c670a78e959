import { z } from 'zod';

/** Days that are counted separately: today and the six before. */
export const DAYS = 7;
/** Members per day that are counted by name. Later ones only count in the totals, so that a record stays small. */
const MEMBERS = 200;

/** `seconds`: that painters took, `cpu`: CPU seconds of it. Earlier versions did not count all of them. */
const counted = z.object({
  requests: z.number().default(0),
  pictures: z.number().default(0),
  seconds: z.number().default(0),
  cpu: z.number().default(0),
});
const timed = z.object({ pictures: z.number(), seconds: z.number(), cpu: z.number().default(0) });
const ofMember = z.union([timed, z.number().transform((pictures) => ({ pictures, seconds: 0, cpu: 0 }))]);
const day = counted.extend({
  /** Pictures by member and by model with the seconds they took, and by sampler. */
  members: z.record(z.string(), ofMember).default({}),
  models: z.record(z.string(), timed).default({}),
  samplers: z.record(z.string(), z.number()).default({}),
});

/** The counts of one place, a server or a user's direct messages: no prompts, and nothing that grows without bound. */
export const placeCounters = z.object({
  /** Milliseconds since the epoch. */
  since: z.number(),
  total: counted,
  /** By date in UTC, such as 2026-11-24. */
  days: z.record(z.string(), day),
});

/** The counts of one member in one place. */
export const memberCounters = z.object({ since: z.number(), total: counted, days: z.record(z.string(), counted) });

export type Counted = z.infer<typeof counted>;

export const NONE: Counted = { requests: 0, pictures: 0, seconds: 0, cpu: 0 };

export type PlaceCounters = z.infer<typeof placeCounters>;
export type MemberCounters = z.infer<typeof memberCounters>;

/** What is counted of a job. */
export interface Painting {
  readonly userId: string;
  readonly pictures: number;
  readonly seconds: number;
  readonly cpu: number;
  readonly model: string;
  readonly sampler: string;
}

export function countedInPlace(known: PlaceCounters | undefined, painting: Painting, now: number): PlaceCounters {
  const { userId, pictures, model, sampler } = painting;
  const before = known ?? { since: now, total: NONE, days: {} };
  const date = dateOf(now);
  const today = day.parse(before.days[date] ?? {});
  const { members, models, samplers } = today;
  const byName = userId in members || Object.keys(members).length < MEMBERS;
  return {
    since: before.since,
    total: plus(before.total, painting),
    days: {
      ...lastDays(before.days, now),
      [date]: {
        ...plus(today, painting),
        members: byName ? { ...members, [userId]: spent(members[userId], painting) } : members,
        models: { ...models, [model]: spent(models[model], painting) },
        samplers: { ...samplers, [sampler]: (samplers[sampler] ?? 0) + pictures },
      },
    },
  };
}

export function countedForMember(known: MemberCounters | undefined, painting: Painting, now: number): MemberCounters {
  const before = known ?? { since: now, total: NONE, days: {} };
  const date = dateOf(now);
  return {
    since: before.since,
    total: plus(before.total, painting),
    days: { ...lastDays(before.days, now), [date]: plus(before.days[date], painting) },
  };
}

/** The same counts without a member's name; null if it is not in them. */
export function withoutMember(counters: PlaceCounters, userId: string): PlaceCounters | null {
  if (!Object.values(counters.days).some(({ members }) => userId in members)) return null;
  const days = Object.entries(counters.days).map(([date, { members, ...rest }]) => {
    const { [userId]: _, ...others } = members;
    return [date, { ...rest, members: others }] as const;
  });
  return { ...counters, days: Object.fromEntries(days) };
}

/** The last days, oldest first, including empty ones. */
export function dates(now: number): string[] {
  return Array.from({ length: DAYS }, (_, k) => dateOf(now - (DAYS - 1 - k) * 86_400_000));
}

function dateOf(now: number): string {
  return new Date(now).toISOString().slice(0, 10);
}

function lastDays<D>(days: Readonly<Record<string, D>>, now: number): Record<string, D> {
  const kept = dates(now);
  return Object.fromEntries(Object.entries(days).filter(([date]) => kept.includes(date)));
}

function plus(count: Counted = NONE, { pictures, seconds, cpu }: Painting): Counted {
  return {
    requests: count.requests + 1,
    pictures: count.pictures + pictures,
    seconds: count.seconds + seconds,
    cpu: count.cpu + cpu,
  };
}

function spent(
  { pictures, seconds, cpu }: Omit<Counted, 'requests'> = NONE,
  painting: Painting,
): Omit<Counted, 'requests'> {
  return { pictures: pictures + painting.pictures, seconds: seconds + painting.seconds, cpu: cpu + painting.cpu };
}
