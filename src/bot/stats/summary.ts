import { type Counted, dates, type MemberCounters, NONE, type PlaceCounters } from './counters.js';

/** Requests and pictures of today, of the last seven days, and in total. */
export interface Spans {
  readonly today: Counted;
  readonly week: Counted;
  readonly total: Counted;
}

export function spans(counters: PlaceCounters | MemberCounters | null, now: number): Spans {
  const days: Readonly<Record<string, Counted>> = counters?.days ?? {};
  const week = dates(now).map((date) => days[date] ?? NONE);
  return { today: sum(week.slice(-1)), week: sum(week), total: counters?.total ?? NONE };
}

function sum(counts: readonly Counted[]): Counted {
  return {
    requests: counts.reduce((all, { requests }) => all + requests, 0),
    pictures: counts.reduce((all, { pictures }) => all + pictures, 0),
    seconds: counts.reduce((all, { seconds }) => all + seconds, 0),
    cpu: counts.reduce((all, { cpu }) => all + cpu, 0),
  };
}

/** Pictures per day, the oldest of seven first. */
export function picturesByDay(counters: PlaceCounters | null, now: number): number[] {
  return dates(now).map((date) => counters?.days[date]?.pictures ?? 0);
}

/** Names with their pictures in the last seven days, most first. */
export function most(
  counters: PlaceCounters | null,
  what: 'members' | 'models' | 'samplers',
  now: number,
): [name: string, pictures: number][] {
  const sums = new Map<string, number>();
  for (const date of dates(now)) {
    for (const [name, value] of Object.entries(counters?.days[date]?.[what] ?? {})) {
      sums.set(name, (sums.get(name) ?? 0) + (typeof value === 'number' ? value : value.pictures));
    }
  }
  return [...sums].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
}

/** Seconds of painting for a member or with a model, or of processors for it, in the last seven days. */
export function secondsOf(
  counters: PlaceCounters,
  what: 'members' | 'models',
  name: string,
  now: number,
  spent: 'seconds' | 'cpu' = 'seconds',
): number {
  return dates(now).reduce((sum, date) => sum + (counters.days[date]?.[what][name]?.[spent] ?? 0), 0);
}

/** Mean seconds per picture by model, in the last seven days. */
export function secondsByModel(counters: PlaceCounters | null, now: number): [model: string, seconds: number][] {
  return most(counters, 'models', now).map(([model, pictures]) => [
    model,
    secondsOf(counters!, 'models', model, now) / pictures,
  ]);
}

const BARS = '▁▂▃▄▅▆▇█';

/** A line of bars, the highest for the largest value. */
export function sparkline(values: readonly number[]): string {
  const top = Math.max(1, ...values);
  return values.map((value) => BARS[Math.round((value / top) * (BARS.length - 1))]).join('');
}
