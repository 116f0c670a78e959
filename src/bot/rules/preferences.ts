import type Keyv from 'keyv';
import { z } from 'zod';
import { SPEED_NAMES } from '../../engine/pipeline/speed.js';
import { MAX_COUNT } from '../request/bounds.js';
import { ASPECTS } from '../request/size.js';
import { SerialByKey } from '../storage/serial-by-key.js';

const schema = z.object({
  /** Name of a model; it may have been taken away since. */
  model: z.string(),
  aspect: z.enum(Object.keys(ASPECTS) as (keyof typeof ASPECTS)[]),
  /** Name of a style; each server has its own. */
  style: z.string(),
  count: z.number().int().min(1).max(MAX_COUNT),
  negative: z.string(),
  speed: z.enum(SPEED_NAMES),
});

/** What a member prefers where they choose nothing: only what they have set. */
export type Preferred = Partial<z.infer<typeof schema>>;

/** In the order in which they are shown. */
export const PREFERENCES = ['model', 'aspect', 'style', 'count', 'negative', 'speed'] as const;

export type Preference = (typeof PREFERENCES)[number];

const PREFIX = 'prefer:';

/** Members' own defaults, the same in every server. What cannot be read counts as not set. */
export class Preferences {
  readonly #turns = new SerialByKey();

  constructor(private readonly store: Keyv) {}

  async of(userId: string): Promise<Preferred> {
    const stored = Object(await this.store.get(PREFIX + userId));
    return Object.fromEntries(
      PREFERENCES.flatMap((name) => {
        const { data } = schema.shape[name].safeParse(stored[name]);
        return data === undefined ? [] : [[name, data]];
      }),
    );
  }

  /** Sets some; undefined ones are forgotten. */
  change(userId: string, changed: { readonly [P in Preference]?: Preferred[P] | undefined }): Promise<Preferred> {
    return this.#turns.run(userId, async () => {
      const after = Object.fromEntries(
        Object.entries({ ...(await this.of(userId)), ...changed }).filter(([, value]) => value !== undefined),
      ) as Preferred;
      if (Object.keys(after).length === 0) await this.store.delete(PREFIX + userId);
      else await this.store.set(PREFIX + userId, after);
      return after;
    });
  }

  async forget(userId: string): Promise<void> {
    await this.#turns.run(userId, () => this.store.delete(PREFIX + userId));
  }
}
