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

  /** @param giveUp ends the jobs that wait for a model. @param patience milliseconds. */
  constructor(
    private readonly giveUp: (model: string) => void,
    private readonly patience = PATIENCE,
  ) {}

  /** @param models that nobody has, though jobs wait for them. */
  update(models: ReadonlySet<string>): void {
    for (const [model, timer] of this.#timers) {
      if (models.has(model)) continue;
      clearTimeout(timer);
      this.#timers.delete(model);
    }
    for (const model of models) {
      if (this.#timers.has(model)) continue;
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
