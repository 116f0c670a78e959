import { RequestError } from '../../engine/errors.js';

/** Milliseconds that a request waits for a painter that has its model, such as one that is being restarted. */
const PATIENCE = 60_000;

/** What its author is told of a request that nobody can paint. */
export function modelAway(model: string): RequestError {
  return new RequestError(`No painter here has the model ${model} at the moment.`, {
    meaning: { code: 'modelAway', values: { model } },
  });
}

/**
 * Models that requests wait for though none of the living painters has them. New requests for one are refused at once;
 * those that were accepted before are given up after a while.
 */
export class MissingModels {
  readonly #timers = new Map<string, NodeJS.Timeout>();

  /**
   * @param isMissing whether there are painters, but none that has this model.
   * @param giveUp ends the jobs that wait for a model.
   * @param patience milliseconds.
   */
  constructor(
    private readonly isMissing: (model: string) => boolean,
    private readonly giveUp: (model: string) => void,
    private readonly patience = PATIENCE,
  ) {}

  /** @param wanted models of the waiting jobs. */
  update(wanted: ReadonlySet<string>): void {
    for (const [model, timer] of this.#timers) {
      if (wanted.has(model) && this.isMissing(model)) continue;
      clearTimeout(timer);
      this.#timers.delete(model);
    }
    for (const model of wanted) {
      if (this.#timers.has(model) || !this.isMissing(model)) continue;
      const end = () => {
        this.#timers.delete(model);
        this.giveUp(model);
      };
      this.#timers.set(model, setTimeout(end, this.patience).unref());
    }
  }

  stop(): void {
    this.update(new Set());
  }
}
