import type { Logger } from 'pino';
import type { Config } from '../../config.js';
import { clipIn } from '../../engine/checkpoint/clip.js';
import { RequestError } from '../../engine/errors.js';
import type { Pixels } from '../../engine/image/pixels.js';
import type { ModelCard } from '../../engine/model.js';
import { Serial } from '../../engine/serial.js';
import { Child } from './child-process.js';
import type { InterrogatorProcess } from './interrogator.js';

/** Milliseconds for one picture: the first at full size takes most of a minute, on a machine that does nothing else. */
const PATIENCE = 600_000;
/** Milliseconds that an idle process is kept: at full size it holds 1.7 GB of mapped weights. */
const IDLE = 600_000;
/** Most pictures that may wait or be looked at. */
const MOST = 8;

/** Finds words for pictures on the bot's machine, in a process of its own that starts when it is needed, one after another. */
export class Describer {
  readonly #calls = new Serial();
  readonly #owners = new Set<string>();
  #child?: Child | undefined;
  #idle: NodeJS.Timeout | undefined;

  constructor(
    private readonly config: Pick<Config, 'modelsDir' | 'threads' | 'cache'>,
    private readonly log: Logger,
  ) {}

  /** The path of the CLIP; undefined if there is none. Looked for each time, so that one that was added is found. */
  model(): Promise<string | undefined> {
    return clipIn(this.config.modelsDir);
  }

  /**
   * Prompts that would paint something like a picture, the likeliest first.
   *
   * @param path of the CLIP. @param card of the model that is to paint. @param owner has one picture here at a time.
   * @throws RequestError if there are too many; Error for the operator.
   */
  async describe(path: string, picture: Pixels, card: ModelCard, owner: string): Promise<readonly string[]> {
    if (this.#owners.has(owner) || this.#owners.size >= MOST) throw busy();
    this.#owners.add(owner);
    try {
      return await this.#calls.run(() => {
        const { knows, modifiers } = card;
        const known = { ...(knows && { knows }), ...(modifiers && { modifiers }) };
        const asked = { type: 'describe', picture, card: known } as const;
        return this.#running(path).call<readonly string[]>(asked, { silence: PATIENCE });
      });
    } finally {
      this.#owners.delete(owner);
      this.#rest();
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#idle);
    this.#child?.kill('was closed');
    await this.#child?.ended;
  }

  #running(path: string): Child {
    clearTimeout(this.#idle);
    if (this.#child?.alive) return this.#child;
    const { threads, cache } = this.config;
    this.#child = new Child('interrogator.js', { path, threads, cache } satisfies InterrogatorProcess, this.log);
    return this.#child;
  }

  #rest(): void {
    clearTimeout(this.#idle);
    if (this.#owners.size > 0) return;
    const child = this.#child;
    this.#idle = setTimeout(() => void child?.close(), IDLE).unref();
  }
}

function busy(): RequestError {
  return new RequestError('Other pictures are still being looked at. Try again in a moment.', {
    meaning: { code: 'picturesBusy', values: {} },
  });
}
