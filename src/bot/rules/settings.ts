import type Keyv from 'keyv';
import type { Logger } from 'pino';
import { z } from 'zod';
import { SPEED_NAMES } from '../../engine/pipeline/speed.js';
import { Serial } from '../../engine/serial.js';
import { Refusal } from '../text/refusal.js';

const style = z.object({ name: z.string(), prompt: z.string(), negative: z.string() });

/** Named words around a member's prompt: they replace `{prompt}`, or follow the prompt if it is not in them. */
export type Style = z.infer<typeof style>;

const wildcards = z.object({ name: z.string(), entries: z.array(z.string()) });

/** What `__name__` in a prompt may stand for. */
export type Wildcards = z.infer<typeof wildcards>;

const schema = z.object({
  /** Ids; empty means all channels, or all roles. */
  channels: z.array(z.string()).default([]),
  roles: z.array(z.string()).default([]),
  /** Lower case. */
  words: z.array(z.string()).default([]),
  /** What happens to flagged pictures. */
  nsfw: z.enum(['off', 'spoiler']).default('off'),
  /** Pictures per hour for each member; 0 means the operator's limit. */
  perHour: z.number().int().min(0).default(0),
  /** Other numbers for members with some role, and roles without any limit but the operator's. */
  quotas: z.array(z.object({ role: z.string(), perHour: z.number().int().min(1) })).default([]),
  exempt: z.array(z.string()).default([]),
  /** The id of the channel that is told what was asked for, refused and removed; null if none is. */
  logChannel: z.string().nullable().default(null),
  /** 0 means the model's own. */
  steps: z.number().int().min(0).default(0),
  scale: z.number().min(0).default(0),
  count: z.number().int().min(1).max(4).default(4),
  /** Null means the model's own, or exact. */
  speed: z.enum(SPEED_NAMES).nullable().default(null),
  /** The language of the bot's public messages; null means each member's own. */
  language: z.string().nullable().default(null),
  /** The default model of /imagine; null means the operator's. */
  model: z.string().nullable().default(null),
  styles: z.array(style).default([]),
  wildcards: z.array(wildcards).default([]),
});

type Stored = z.infer<typeof schema>;

/** One guild's rules for painting. */
export interface Settings extends Stored {
  /** All words that are refused: the operator's, which count everywhere, and the guild's own. */
  readonly refused: readonly string[];
}

export const DEFAULTS: Settings = { ...schema.parse({}), refused: [] };

/** The changes, or a function that computes them from the current rules. */
export type SettingsChange = Partial<Stored> | ((now: Settings) => Partial<Stored>);

/** Rules by guild. Direct messages and guilds without rules have the defaults. */
export class GuildSettings {
  /** Changes are made one at a time, each to the result of the one before. */
  readonly #changes = new Serial();
  readonly #told = new Set<string>();

  constructor(
    private readonly store: Keyv,
    private readonly log: Logger,
    /** Words that the operator refuses everywhere. */
    private readonly everywhere: readonly string[] = [],
  ) {}

  /** @throws Refusal if the rules are unreadable: what they forbid must not be done meanwhile. */
  async of(guildId: string | null): Promise<Settings> {
    if (!guildId) return this.#whole(DEFAULTS);
    // A damaged record has no value but still exists.
    const stored = await this.store.get<unknown>(guildId, { raw: true });
    if (stored === undefined) return this.#whole(DEFAULTS);
    const { data, error } = schema.safeParse(stored.value);
    if (data) return this.#whole(data);
    if (!this.#told.has(guildId))
      this.log.error({ guild: guildId, err: error }, 'the rules of a server cannot be read');
    this.#told.add(guildId);
    throw new Refusal('settingsBroken');
  }

  /** @throws Refusal as {@link of}, and whatever `change` throws, with nothing changed. */
  change(guildId: string, change: SettingsChange): Promise<Settings> {
    return this.#changes.run(async () => {
      const now = await this.of(guildId);
      const settings = schema.parse({ ...now, ...(typeof change === 'function' ? change(now) : change) });
      await this.store.set(guildId, settings);
      return this.#whole(settings);
    });
  }

  /** Back to the defaults, even if the rules are unreadable. */
  reset(guildId: string): Promise<Settings> {
    return this.#changes.run(async () => {
      await this.store.delete(guildId);
      this.#told.delete(guildId);
      return this.#whole(DEFAULTS);
    });
  }

  #whole(own: Stored): Settings {
    return { ...own, refused: [...this.everywhere, ...own.words] };
  }
}
