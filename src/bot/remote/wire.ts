import { z } from 'zod';
import type { Painted } from '../painter/messages.js';
import { paintRequest } from '../request/paint-request.js';
import { unpack } from './parcel.js';

// What bot and painters tell each other. Both check it: Redis may hold what another version wrote.

const count = z.number().int().nonnegative();

/** What must be the same on both sides, or pictures would depend on the machine. */
const fit = z.object({
  /** Easel's. */
  version: z.string(),
  /** A hash of the requests that it understands. */
  schema: z.string(),
  safetyChecker: z.boolean(),
});
export type FitOfSides = Readonly<z.infer<typeof fit>>;

/** What the bot says of itself. */
export const build = fit.pick({ version: true, schema: true });

/** One painter, as it announces itself. */
export const announcement = fit.extend({
  /** Unique among those that live. */
  name: z.string(),
  host: z.string(),
  /** Another each time that it starts. */
  run: z.string(),
  /** SHA-256 by name. */
  models: z.record(z.string(), z.string()),
  /** In its memory. */
  model: z.string().nullable(),
  batch: count,
  /** Pixels x steps x pictures in a second, lately; null before its first picture. */
  pace: z.number().positive().nullable(),
  state: z.enum(['free', 'busy', 'leaving']),
  /** The attempt that it paints. */
  attempt: z.string().nullable(),
  restarts: count,
});
export type Announcement = Readonly<z.infer<typeof announcement>>;

/** A job on its way to a painter. */
export const work = fit.extend({
  job: z.string(),
  request: paintRequest,
  locale: z.string(),
  alone: z.boolean(),
  /** A parcel's text, and how many arrays of bytes it has; they lie beside it. */
  pictures: z.object({ text: z.string(), bytes: count }).nullable(),
});
export type Work = z.infer<typeof work>;

const meaning = z.object({ code: z.string(), values: z.record(z.string(), z.union([z.string(), z.number()])) });

/** How a job ended, as it lies in Redis. `gone`: it was delivered, or nobody wants it. */
export const remoteOutcome = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('painted'),
    attempt: z.string(),
    by: z.string(),
    seconds: z.number().optional(),
    /** A parcel's text, and how many pictures lie beside it. */
    painted: z.string(),
    pictures: count,
  }),
  z.object({ kind: z.literal('refused'), attempt: z.string(), message: z.string(), meaning }),
  z.object({
    kind: z.literal('broken'),
    attempt: z.string(),
    name: z.string(),
    message: z.string(),
    stack: z.string().optional(),
    code: z.string().optional(),
  }),
  z.object({ kind: z.literal('gone') }),
]);
export type RemoteOutcome = z.infer<typeof remoteOutcome>;

const painted = z.object({
  pictures: z.array(
    z.object({
      png: z.instanceof(Uint8Array).nullable(),
      width: z.number(),
      height: z.number(),
      seed: z.number(),
      flagged: z.boolean(),
    }),
  ),
  notices: z.array(z.object({ text: z.string(), meaning: meaning.optional() })),
  cpu: z.number().optional(),
}) satisfies z.ZodType<Painted>;

/** What is in the parcel of a painted outcome; null if it cannot be read, or its pictures are missing. */
export function paintedIn(text: string, bytes: readonly (Uint8Array | null)[]): Painted | null {
  try {
    return painted.parse(unpack(text, bytes));
  } catch {
    return null;
  }
}

/** From a painter to the bot. */
export const told = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('announced'), painter: announcement }),
  z.object({ kind: z.literal('left'), name: z.string() }),
  z.object({ kind: z.literal('begun'), attempt: z.string() }),
  z.object({
    kind: z.literal('progress'),
    attempt: z.string(),
    step: z.number(),
    total: z.number(),
    secondsLeft: z.number(),
    /** A PNG in base64. */
    preview: z.string().nullable(),
  }),
  /** There is an outcome, or it failed, or it was handed back. */
  z.object({ kind: z.literal('ended'), attempt: z.string() }),
]);
export type Told = z.infer<typeof told>;

/** From the bot to the painters. */
export const order = z.object({ cancel: z.string() });

/** How an attempt failed that another painter may try again; BullMQ keeps it with the job. */
export const FAILED = {
  /** The painter process died on it. */
  died: 'died: ',
  cancelled: 'cancelled',
  /** Painter and bot do not fit together. */
  unfit: 'unfit: ',
} as const;
