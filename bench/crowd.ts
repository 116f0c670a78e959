import { FairQueue } from '../src/bot/queue/fair-queue.js';
import type { fullFor, PlaceLimits } from '../src/bot/queue/places.js';

/** Members who ask for as much as they can, at every moment. */
export const GREEDY = 13;
/** Members who ask for one picture now and then. */
export const OTHERS = 30;

const LIMITS: PlaceLimits = { userQueue: 4, guildQueue: 50 };
/** Seconds of a painter's time. */
const LONG = 60;
const SHORT = 4;
const HOURS = 8;
/** Seconds between two requests of one of the others, on average. */
const BETWEEN = 2 * 3600;

export interface Crowd {
  /** Requests of the others who had none waiting. */
  readonly asked: number;
  readonly refused: number;
  /** Seconds that the others waited, from request to start. */
  readonly waits: readonly number[];
  /** Most requests that waited at once. */
  readonly longest: number;
  /** Pictures that each of the greedy got. */
  readonly greedy: readonly number[];
}

/**
 * One guild in which a few ask for long jobs all the time and the rest for a short one now and then, second by second; with
 * the bot's own queue, and a rule of who finds a place in it.
 */
export function simulateCrowd(rule: typeof fullFor, random: () => number): Crowd {
  const fair = new FairQueue();
  /** What happens when a job's turn has come, by its id. */
  const starts = new Map<string, () => void>();
  const waiting = new Map<string, number>();
  const done = new Map<string, number>();
  const waits: number[] = [];
  let [asked, refused, longest, free, now] = [0, 0, 0, 0, 0];

  const ask = (user: string, seconds: number): boolean => {
    if (rule(user, waiting.get(user) ?? 0, waiting, LIMITS)) return false;
    waiting.set(user, (waiting.get(user) ?? 0) + 1);
    longest = Math.max(
      longest,
      [...waiting.values()].reduce((sum, count) => sum + count, 0),
    );
    const at = now;
    const start = () => {
      const left = waiting.get(user)! - 1;
      if (left > 0) waiting.set(user, left);
      else waiting.delete(user);
      done.set(user, (done.get(user) ?? 0) + 1);
      if (seconds === SHORT) waits.push(now - at);
      free = now + seconds;
    };
    const id = `${starts.size}`;
    starts.set(id, start);
    fair.add({ id, guild: 'guild', user, work: seconds });
    return true;
  };

  const greedy = Array.from({ length: GREEDY }, (_, k) => `greedy ${k}`);
  for (; now < HOURS * 3600; now++) {
    for (const user of greedy) while (ask(user, LONG));
    for (let k = 0; k < OTHERS; k++) {
      if (random() > 1 / BETWEEN) continue;
      const hasNone = !waiting.has(`other ${k}`);
      const accepted = ask(`other ${k}`, SHORT);
      if (!hasNone) continue;
      asked++;
      if (!accepted) refused++;
    }
    if (now >= free) starts.get(fair.take() ?? '')?.();
  }
  return { asked, refused, waits, longest, greedy: greedy.map((user) => done.get(user) ?? 0) };
}

/** Mulberry32: the same load at every run. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
