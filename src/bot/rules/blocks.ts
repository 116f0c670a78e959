import { TimestampStyles, time } from 'discord.js';
import type Keyv from 'keyv';
import { z } from 'zod';
import { scan } from '../storage/scan.js';
import type { Translate } from '../text/i18n.js';
import { quote } from '../text/quote.js';
import { Refusal } from '../text/refusal.js';

const schema = z.object({
  /** Milliseconds since the epoch. */
  at: z.number(),
  /** Null until somebody lifts it. */
  until: z.number().nullable(),
  reason: z.string(),
  /** The manager who did it; null once their data was deleted. */
  by: z.string().nullable(),
});

/** That a guild lets one of its members not use the bot there. */
export type Block = z.infer<typeof schema>;

/** What takes the place of a block that cannot be read: whoever set it did not want it to end by accident. */
const UNREADABLE: Block = { at: 0, until: null, reason: '', by: null };

/** Characters of a reason. */
export const MAX_REASON = 200;

/** The members whom guilds have blocked, in the store. Those that have ended are gone from it. */
export class Blocks {
  constructor(
    private readonly store: Keyv,
    private readonly now: () => number = Date.now,
  ) {}

  async of(guildId: string | null, userId: string): Promise<Block | null> {
    if (!guildId) return null;
    // A damaged record has no value but still exists.
    const stored = await this.store.get<unknown>(keyOf(guildId, userId), { raw: true });
    return stored === undefined ? null : this.#read(stored.value);
  }

  /** @throws Refusal if the member is blocked here. */
  async check(guildId: string | null, userId: string): Promise<void> {
    const block = await this.of(guildId, userId);
    if (block) throw new Refusal('blocked', { until: (t) => untilText(block, t) });
  }

  async set(guildId: string, userId: string, block: Block): Promise<void> {
    const left = block.until === null ? undefined : Math.max(1, block.until - this.now());
    await this.store.set(keyOf(guildId, userId), block, left);
  }

  /** @returns whether there was one. */
  async end(guildId: string, userId: string): Promise<boolean> {
    const had = (await this.of(guildId, userId)) !== null;
    await this.store.delete(keyOf(guildId, userId));
    return had;
  }

  /** A guild's blocked members, the last one first. */
  async list(guildId: string): Promise<[userId: string, block: Block][]> {
    const found: [string, Block][] = [];
    for await (const [guild, userId, block] of this.#all()) if (guild === guildId) found.push([userId, block]);
    return found.sort(([, a], [, b]) => b.at - a.at);
  }

  /** What there is about one user: blocks of them, without who did it, and by them, without of whom. */
  async ofUser(userId: string): Promise<Record<string, unknown>[]> {
    const found: Record<string, unknown>[] = [];
    for await (const [guild, blocked, { by, ...block }] of this.#all()) {
      if (blocked === userId) found.push({ guild, ...block });
      else if (by === userId) found.push({ guild, setByThem: true, ...block });
    }
    return found;
  }

  /** Removes a manager's name from the blocks they set. Blocks of the user stay, or deletion would be a way around them. */
  async forget(userId: string): Promise<void> {
    for await (const [guild, blocked, block] of this.#all()) {
      if (block.by === userId) await this.set(guild, blocked, { ...block, by: null });
    }
  }

  async *#all(): AsyncGenerator<[guildId: string, userId: string, block: Block]> {
    for await (const [key, value] of scan(this.store)) {
      const [guild, userId] = key.split(':');
      const block = this.#read(value);
      if (block) yield [guild!, userId!, block];
    }
  }

  #read(value: unknown): Block | null {
    const block = schema.safeParse(value).data ?? UNREADABLE;
    return block.until === null || block.until > this.now() ? block : null;
  }
}

/** Until when somebody is blocked and why, as part of a sentence. */
export function untilText({ until, reason: given }: Pick<Block, 'until' | 'reason'>, t: Translate): string {
  const reason = given && quote(given, 2 * MAX_REASON);
  if (until === null) return reason ? t('block.openBecause', { reason }) : t('block.open');
  const when = time(Math.ceil(until / 1000), TimestampStyles.ShortDateTime);
  return reason ? t('block.untilBecause', { when, reason }) : t('block.until', { when });
}

function keyOf(guildId: string, userId: string): string {
  return `${guildId}:${userId}`;
}
