import type Keyv from 'keyv';
import { z } from 'zod';

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

/** Rules by guild. Direct messages have the defaults. */
export class GuildSettings {
  constructor(private readonly store: Keyv) {}

  async of(guildId: string | null): Promise<Settings> {
    if (!guildId) return DEFAULTS;
    return schema.safeParse((await this.store.get(guildId)) ?? {}).data ?? DEFAULTS;
  }

  async change(guildId: string, change: Partial<Settings>): Promise<Settings> {
    const settings = schema.parse({ ...(await this.of(guildId)), ...change });
    await this.store.set(guildId, settings);
    return settings;
  }
}
