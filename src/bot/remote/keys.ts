import { createHash } from 'node:crypto';
import type { Attempt } from '../painter/job-painter.js';

/** All keys and channels begin with this, for the rules of an ACL user. */
export const PREFIX = 'easel';

/** Keys in Redis. An attempt is one try at a job: `<job>-<attempts>`. All but `queues` expire. */
export const KEYS = {
  /** The announcement of one painter. */
  slot: (name: string) => `${PREFIX}:slot:${name}`,
  slots: `${PREFIX}:slot:*`,
  /** What the bot is: its version and schema. */
  bot: `${PREFIX}:bot`,
  /** How a job ended, whichever attempt it was. */
  outcome: (job: string) => `${PREFIX}:outcome:${job}`,
  picture: (attempt: string, index: number) => `${PREFIX}:picture:${attempt}:${index}`,
  source: (attempt: string, index: number) => `${PREFIX}:source:${attempt}:${index}`,
  cancelled: (attempt: string) => `${PREFIX}:cancelled:${attempt}`,
  /** The painter that an attempt was handed to. */
  at: (attempt: string) => `${PREFIX}:at:${attempt}`,
  /** Names of all painters that have a queue. */
  queues: `${PREFIX}:queues`,
} as const;

/** Channels. A message may be lost: each only hastens what a look at the keys would find. */
export const CHANNELS = {
  /** From painters to the bot. */
  told: `${PREFIX}:told`,
  /** From the bot to painters. */
  orders: `${PREFIX}:orders`,
} as const;

/** The BullMQ queue of a painter; a name of any characters becomes one that BullMQ takes. */
export function queueOf(painter: string): string {
  return `painter-${createHash('sha256').update(painter).digest('hex').slice(0, 16)}`;
}

/** BullMQ's key for the lock on an attempt. */
export function lockOf(painter: string, attempt: string): string {
  return `${PREFIX}:${queueOf(painter)}:${attempt}:lock`;
}

/** The keys of all pictures of an attempt. */
export function pictureKeys(attempt: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => KEYS.picture(attempt, index));
}

export function attemptOf({ id, attempts }: Attempt): string {
  return `${id}-${attempts}`;
}

export function jobOf(attempt: string): Attempt {
  const at = attempt.lastIndexOf('-');
  return { id: attempt.slice(0, at), attempts: Number(attempt.slice(at + 1)) };
}
