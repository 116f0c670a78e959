/** A painter, for those who look at the queue, and for metrics. */
export interface PainterState {
  readonly name: string;
  /** The machine that it is on. */
  readonly host: string;
  /** In its memory; null for none. */
  readonly model: string | null;
  /** `resting`: it failed several times in a row and gets no jobs for a while. */
  readonly state: 'free' | 'busy' | 'resting';
  /** Until it gets jobs again; 0 unless it rests. */
  readonly restSeconds: number;
  /** In a row. */
  readonly failures: number;
  readonly restarts: number;
  /** Painted since the bot started. */
  readonly pictures: number;
  /** Lately, on average; null before its first picture. */
  readonly secondsPerPicture: number | null;
}
