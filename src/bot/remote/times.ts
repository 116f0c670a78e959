/** All in milliseconds. */
export interface RemoteTimes {
  /** A painter that has not renewed its lock on a job for so long has lost it. */
  readonly lock: number;
  /** Between two looks for lost locks. */
  readonly stalled: number;
  /** An announcement is forgotten after so long, and repeated three times as often. */
  readonly announced: number;
  /** Between two looks of the bot at what it has handed out. */
  readonly watch: number;
  /** Between two reports of progress, and between two looks for a cancellation. */
  readonly progress: number;
  /** For an answer of Redis, before the connection counts as broken. */
  readonly patience: number;
  /** A cancelled job has so long to come to the end of its step. */
  readonly grace: number;
  /** What a job may take in addition to its work, the least that it may take, and the most at an unknown pace. */
  readonly allowance: number;
  readonly leastDeadline: number;
  readonly unknownDeadline: number;
  /** Outcomes and pictures nobody has taken are kept so long. */
  readonly kept: number;
  /** It is known so long that a job was delivered, so that nobody brings its outcome again. */
  readonly remembered: number;
}

export const TIMES: RemoteTimes = {
  lock: 60_000,
  stalled: 15_000,
  announced: 15_000,
  watch: 30_000,
  progress: 3000,
  patience: 5000,
  grace: 30_000,
  allowance: 30_000,
  leastDeadline: 150_000,
  unknownDeadline: 15 * 60_000,
  kept: 6 * 3_600_000,
  remembered: 3_600_000,
};

/** A job may take so many times as long as its painter's pace says. */
export const DEADLINE_FACTOR = 4;
