import type Keyv from 'keyv';
import type { Logger } from 'pino';
import { z } from 'zod';
import { Serial } from '../../engine/serial.js';
import { Refusal } from '../text/refusal.js';

const style = z.object({ name: z.string(), prompt: z.string(), negative: z.string() });

/** Words with a name, put around what somebody asks for: `{prompt}` stands for it, and without that they follow it. */
export type Style = z.infer<typeof style>;

const schema = z.object({
  /** Ids; empty means everywhere, and everyone. */
  channels: z.array(z.string()).default([]),
  roles: z.array(z.string()).default([]),
  /** Lower case. */
  words: z.array(z.string()).default([]),
  /** What happens to pictures that the safety checker finds. */
  nsfw: z.enum(['off', 'spoiler']).default('off'),
  /** Pictures an hour for each member; 0 as the operator set it. */
  perHour: z.number().int().min(0).default(0),
  /** 0 as the model's card says. */
  steps: z.number().int().min(0).default(0),
  scale: z.number().min(0).default(0),
  count: z.number().int().min(1).max(4).default(4),
  /** Of the bot's public messages; null means each member's own. */
  language: z.string().nullable().default(null),
  /** Of /imagine without one; null means the operator's. */
  model: z.string().nullable().default(null),
  styles: z.array(style).default([]),
});

/** One guild's rules for painting. */
export type Settings = z.infer<typeof schema>;

export const DEFAULTS: Settings = schema.parse({});

/** What to change, or how to find it in the rules as they are at that moment. */
export type SettingsChange = Partial<Settings> | ((now: Settings) => Partial<Settings>);

/** Rules by guild. Direct messages have the defaults, and so has a guild that set none; nobody else has. */
export class GuildSettings {
  /** One change at a time: each begins with what the one before it left. */
  readonly #changes = new Serial();
  readonly #told = new Set<string>();

  constructor(
    private readonly store: Keyv,
    private readonly log: Logger,
  ) {}

  /** @throws Refusal when there are rules that cannot be read: what they forbid must not be done meanwhile. */
  async of(guildId: string | null): Promise<Settings> {
    if (!guildId) return DEFAULTS;
    // A damaged record has no value, and is still there.
    const stored = await this.store.get<unknown>(guildId, { raw: true });
    if (stored === undefined) return DEFAULTS;
    const { data, error } = schema.safeParse(stored.value);
    if (data) return data;
    if (!this.#told.has(guildId))
      this.log.error({ guild: guildId, err: error }, 'the rules of a server cannot be read');
    this.#told.add(guildId);
    throw new Refusal('settingsBroken');
  }

  /** @throws Refusal as {@link of} does, and whatever the change throws, with nothing changed. */
  change(guildId: string, change: SettingsChange): Promise<Settings> {
    return this.#changes.run(async () => {
      const now = await this.of(guildId);
      const settings = schema.parse({ ...now, ...(typeof change === 'function' ? change(now) : change) });
      await this.store.set(guildId, settings);
      return settings;
    });
  }

  /** Back to the defaults, also from rules that cannot be read. */
  reset(guildId: string): Promise<Settings> {
    return this.#changes.run(async () => {
      await this.store.delete(guildId);
      this.#told.delete(guildId);
      return DEFAULTS;
    });
  }
}
