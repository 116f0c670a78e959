import type { Meaning } from '../../engine/meaning.js';
import type { Notice } from '../text/notice.js';
import type { PaintRequest } from './paint-request.js';
import type { PainterState } from './painter-state.js';

/** Where the answer goes. A token works for 15 minutes; after that, the answer is a reply in the channel. */
export interface JobOrigin {
  readonly applicationId: string;
  /** Absent for reactions, which have no answer to edit. */
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
  /** The message that a channel message replies to: the result that was reacted to, or the deferred answer. */
  readonly replyTo: string | null;
  /** The user installed the app, but it is not in the guild or private channel: no channel messages. */
  readonly userInstalled: boolean;
}

/** Where requests come from that arrive over the HTTP API: to the queue and the limits, one more guild with one member. */
export const API_PLACE = 'api';

/** Whether a job came over the HTTP API, so that no message shows it. */
export function isOverApi({ origin }: Pick<Job, 'origin'>): boolean {
  return origin.guildId === API_PLACE;
}

/** One request in the queue. Saved before it is acknowledged, deleted when its answer is delivered. */
export interface Job {
  /** 16 characters of base32, in order of time. */
  readonly id: string;
  readonly request: PaintRequest;
  readonly origin: JobOrigin;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** Pixels x steps x pictures: the unit of fair shares. */
  readonly work: number;
  /** Notices for its author, besides the engine's. */
  readonly notices?: readonly Notice[];
  /** How often the painter died on it. */
  attempts: number;
}

/** Where a job stands in the queue. */
export interface Ticket {
  /** 0 is being painted, 1 is next. */
  readonly position: number;
  /** Estimated seconds until it is done; null before anything was measured. */
  readonly secondsLeft: number | null;
}

export interface JobProgress extends Ticket {
  readonly step: number;
  readonly total: number;
  /** A small PNG of the pictures so far. */
  readonly preview: Uint8Array | null;
}

/** A picture from the painter. */
export interface PaintedPicture {
  /** Includes the parameters. Null when flagged, unless the request keeps it. */
  readonly png: Uint8Array | null;
  readonly width: number;
  readonly height: number;
  readonly seed: number;
  /** Flagged by the safety checker. */
  readonly flagged: boolean;
}

/** How a job ended. */
export type Outcome =
  | { readonly kind: 'painted'; readonly pictures: readonly PaintedPicture[]; readonly notices: readonly Notice[] }
  /** `message` is a RequestError's, for the author; null if they cannot fix it, in which case `id` is in the log. */
  | { readonly kind: 'failed'; readonly message: string | null; readonly meaning?: Meaning; readonly id: string }
  | { readonly kind: 'cancelled' };

/** Delivers an outcome; after a crash in between, it is called again with the same `nonce`. */
export type Deliver = (job: Job, outcome: Outcome, nonce: string) => Promise<void>;

/** The queue as commands and buttons see it. No submitted job is lost, and none is delivered twice. */
export interface JobQueue {
  /** Saves and queues it. @throws Refusal if the member's or guild's places are taken. */
  submit(job: Job): Promise<void>;
  /** Cancels a waiting or running job. @returns false if there is no such job (any more). */
  cancel(id: string): Promise<boolean>;
  /** Waiting, running, or painted but not delivered. */
  unfinished(): readonly Job[];
  /** The unfinished jobs of one user. */
  ofUser(userId: string): readonly Job[];
  /**
   * Cancels a user's jobs and gives up deliveries to them. A job in the middle of a step ends a little later.
   *
   * @returns how many were cancelled.
   */
  forget(userId: string): Promise<number>;
  /** Resolves when its outcome is delivered or given up. */
  arrived(id: string): Promise<void>;
  /** Whether it is waiting or running. */
  has(id: string): boolean;
  /** Where it stands among all others; null unless it is waiting or running. */
  ticket(id: string): Ticket | null;
  /** Waiting and running jobs, in the order of their turns. */
  list(): readonly Job[];
  /** The painters that live. */
  painters(): readonly PainterState[];
  /** Estimated seconds of painting, from measurements of its kind; null before there are any. */
  estimate(request: PaintRequest): number | null;
  onProgress(listener: (job: Job, progress: JobProgress) => void): void;
  /** Called when a job moves up or starts, so that positions can be updated. */
  onMoved(listener: () => void): void;
}
