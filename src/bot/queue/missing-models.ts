import { RequestError } from '../../engine/errors.js';
import type { PaintRequest } from '../request/paint-request.js';
import { weightsOf } from '../request/weights.js';

/** Milliseconds that a request waits for a painter that has its weights, such as one that is being restarted. */
const PATIENCE = 60_000;

/** What its author is told of a request that nobody can paint. */
export function modelAway(weights: string): RequestError {
  return new RequestError(`No painter here has ${weights} at the moment.`, {
    meaning: { code: 'modelAway', values: { model: weights } },
  });
}

/** The same for all requests that the same painters can paint. */
export function needsOf(request: PaintRequest): string {
  return weightsOf(request).join('\n');
}

/**
 * What requests wait for though none of the living painters has it. New requests for it are refused at once; those that were
 * accepted before are given up after a while.
 */
export class MissingModels {
  readonly #timers = new Map<string, NodeJS.Timeout>();

  /**
   * @param missing the weights that a request waits for though there are painters; null for none.
   * @param giveUp ends the jobs with these needs, for want of these weights.
   * @param patience milliseconds.
   */
  constructor(
    private readonly missing: (request: PaintRequest) => string | null,
    private readonly giveUp: (needs: string, weights: string) => void,
    private readonly patience = PATIENCE,
  ) {}

  /** @param waiting requests of the waiting jobs. */
  update(waiting: Iterable<PaintRequest>): void {
    const wanted = new Map([...waiting].map((request) => [needsOf(request), request]));
    for (const [needs, timer] of this.#timers) {
      const request = wanted.get(needs);
      if (request && this.missing(request) !== null) continue;
      clearTimeout(timer);
      this.#timers.delete(needs);
    }
    for (const [needs, request] of wanted) {
      const weights = this.missing(request);
      if (this.#timers.has(needs) || weights === null) continue;
      const end = () => {
        this.#timers.delete(needs);
        this.giveUp(needs, weights);
      };
      this.#timers.set(needs, setTimeout(end, this.patience).unref());
    }
  }

  stop(): void {
    this.update([]);
  }
}
