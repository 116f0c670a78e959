import type { Meaning } from '../../engine/meaning.js';
import type { Notice } from '../text/notice.js';
import type { PaintRequest } from './paint-request.js';

/** Where the answer goes. A token is good for 15 minutes; after that the answer is a reply in the channel. */
export interface JobOrigin {
  readonly applicationId: string;
  /** Without one there is no answer to edit: a reaction was meant. */
  readonly token?: string;
  /** Milliseconds since the epoch. */
  readonly tokenExpiresAt?: number;
  readonly channelId: string;
  readonly guildId: string | null;
  readonly userId: string;
  readonly locale: string;
  readonly ephemeral: boolean;
  readonly spoiler: boolean;
  /** Bytes. */
  readonly attachmentSizeLimit: number;
  /** Message that a channel message answers: the result that was reacted to, or the deferred answer. */
  readonly replyTo: string | null;
  /** The user installed the app for themself and the guild did not: no channel messages. */
  readonly userInstalled: boolean;
}

/** One request in the queue. Persisted before it is acknowledged; removed when its answer was delivered. */
export interface Job {
  /** 16 characters of base32, in time order. */
  readonly id: string;
  readonly request: PaintRequest;
  readonly origin: JobOrigin;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** Pixels x steps x pictures: what a fair share is counted in. */
  readonly work: number;
  /** What its author is to know about it, beside what the engine says. */
  readonly notices?: readonly Notice[];
  /** Times that the painter died on it. */
  attempts: number;
}

/** Where a job stands in the queue. */
export interface Ticket {
  /** 0 is being painted, 1 is next. */
  readonly position: number;
  /** Estimated until it is done; null before anything was measured. */
  readonly secondsLeft: number | null;
}

export interface JobProgress extends Ticket {
  readonly step: number;
  readonly total: number;
  /** A small PNG of the first picture as it is so far. */
  readonly preview: Uint8Array | null;
}

/** A picture as the painter hands it over. */
export interface PaintedPicture {
  /** With the parameters in it. Null when flagged, unless the request keeps it. */
  readonly png: Uint8Array | null;
  readonly width: number;
  readonly height: number;
  readonly seed: number;
  /** The safety checker found something. */
  readonly flagged: boolean;
}

/** How a job ended. */
export type Outcome =
  | { readonly kind: 'painted'; readonly pictures: readonly PaintedPicture[]; readonly notices: readonly Notice[] }
  /** `message` is a RequestError's, for the author; without one it is not theirs to mend, and `id` is in the log. */
  | { readonly kind: 'failed'; readonly message: string | null; readonly meaning?: Meaning; readonly id: string }
  | { readonly kind: 'cancelled' };

/** Delivers an outcome; called again after a crash in between, with the same `nonce`. */
export type Deliver = (job: Job, outcome: Outcome, nonce: string) => Promise<void>;

/** The queue as commands and buttons see it. Nothing submitted is lost, nothing delivered twice. */
export interface JobQueue {
  /** Persists and queues. @throws Refusal when their or their guild's places are taken. */
  submit(job: Job): Promise<Ticket>;
  /** Waiting or running. @returns false when there is no such job (any more). */
  cancel(id: string): Promise<boolean>;
  /** Waiting, running, and painted but not delivered. */
  unfinished(): readonly Job[];
  /** Those of one user. */
  ofUser(userId: string): readonly Job[];
  /**
   * Cancels a user's jobs and gives up what could not be delivered to them. One that is in the middle of a step ends a
   * little later.
   *
   * @returns how many were cancelled.
   */
  forget(userId: string): Promise<number>;
  /** Resolves when its outcome is not, or no longer, on its way. */
  arrived(id: string): Promise<void>;
  /** Null when it is not waiting or running. */
  ticket(id: string): Ticket | null;
  /** Waiting and running, in the order of their turns. */
  list(): readonly Job[];
  /** Seconds that it takes to paint, by what was measured of its kind; null before. */
  estimate(request: PaintRequest): number | null;
  onProgress(listener: (job: Job, progress: JobProgress) => void): void;
  /** A job moved up or started: positions are to be shown anew. */
  onMoved(listener: () => void): void;
}
