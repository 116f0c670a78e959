import { messageLink } from 'discord.js';
import { Serial } from '../../engine/serial.js';
import { type Drafts, draftPicture } from '../expressions/drafts.js';
import type { Job, JobQueue } from '../request/job.js';
import type { Blocks } from '../rules/blocks.js';
import type { Limits } from '../rules/limits.js';
import type { Preferences } from '../rules/preferences.js';
import type { Stats } from '../stats/stats.js';
import { type Pictures, pictureKey } from '../storage/pictures.js';
import { type Results, type Stored, sourcesOf } from '../storage/results.js';
import type { Store } from '../storage/store.js';
import { Refusal } from '../text/refusal.js';

/** Everything that keeps data of users. */
interface Parts {
  readonly results: Results;
  readonly jobs: JobQueue;
  readonly preferences: Preferences;
  readonly drafts: Drafts;
  readonly stats: Stats;
  readonly blocks: Blocks;
  readonly limits: Limits;
  readonly pictures: Pictures;
  readonly store: Pick<Store, 'scrub'>;
}

/** What was deleted. */
export interface Forgotten {
  readonly results: number;
  readonly jobs: number;
  readonly pictures: number;
}

/**
 * All data that the bot has of one user, to be exported or deleted. Both read the whole store, so only one runs at a
 * time.
 */
export class PersonalData {
  readonly #serial = new Serial();
  readonly #busy = new Set<string>();

  constructor(private readonly parts: Parts) {}

  /**
   * The data as JSON, one record per line. @param guildId the server in which it was requested. @throws Refusal while
   * another runs.
   */
  export(userId: string, guildId: string | null): Promise<Buffer> {
    return this.#alone(userId, () => this.#export(userId, guildId));
  }

  /**
   * Deletes a user's data. Repeating it, also after an interruption, deletes what is left. Their use of the current
   * hour, and blocks of them, are kept until they end; otherwise deletion would be a way around them.
   *
   * @throws Refusal while another runs.
   */
  forget(userId: string): Promise<Forgotten> {
    return this.#alone(userId, () => this.#forget(userId));
  }

  async #alone<T>(userId: string, act: () => Promise<T>): Promise<T> {
    if (this.#busy.has(userId)) throw new Refusal('privacyBusy');
    this.#busy.add(userId);
    try {
      return await this.#serial.run(act);
    } finally {
      this.#busy.delete(userId);
    }
  }

  async #export(userId: string, guildId: string | null): Promise<Buffer> {
    const { results, jobs, preferences, drafts, stats, limits, blocks } = this.parts;
    const guilds = new Set<string>(guildId ? [guildId] : []);
    const own: string[] = [];
    for await (const [job, record] of results.ofUser(userId)) {
      if (record.guildId) guilds.add(record.guildId);
      own.push(JSON.stringify({ job, ...record, message: linkTo(record), pictures: this.#cached(job, record) }));
    }
    const statistics = await stats.ofUser(userId);
    for (const place of Object.keys(statistics)) if (/^\d+$/.test(place)) guilds.add(place);
    const waiting: string[] = [];
    for await (const [id, draft] of drafts.ofUser(userId)) waiting.push(JSON.stringify({ id, ...draft }));
    const sections: Record<string, readonly string[]> = {
      results: own,
      jobs: jobs.ofUser(userId).map((job) => JSON.stringify(withoutToken(job))),
      preferences: Object.entries(await preferences.of(userId)).map((set) => JSON.stringify(Object.fromEntries([set]))),
      emojis: waiting,
      limits: (await limits.of(userId, guilds)).map((taken) => JSON.stringify(taken)),
      blocks: (await blocks.ofUser(userId)).map((block) => JSON.stringify(block)),
      statistics: Object.entries(statistics).map(([place, counters]) => JSON.stringify({ place, counters })),
    };
    const head = [`"user": ${JSON.stringify(userId)}`, `"exported": ${JSON.stringify(new Date().toISOString())}`];
    const lists = Object.entries(sections).map(([name, lines]) => `"${name}": [\n${lines.join(',\n')}\n]`);
    return Buffer.from(`{\n${[...head, ...lists].join(',\n')}\n}\n`);
  }

  async #forget(userId: string): Promise<Forgotten> {
    const { results, jobs, preferences, drafts, stats, blocks, pictures, store } = this.parts;
    // First whatever would write more.
    const cancelled = await jobs.forget(userId);
    const traces = await results.traces(userId);
    const previews = new Set<string>();
    for await (const [id] of drafts.ofUser(userId)) {
      await drafts.take(id);
      previews.add(draftPicture(id));
    }
    const removed = await pictures.removeAll(
      (key) => traces.jobs.has(key.split('-')[0]!) || traces.uploads.has(key) || previews.has(key),
    );
    await stats.forget(userId);
    await blocks.forget(userId);
    await preferences.forget(userId);
    // The lists first: they lead to nothing else, and the records say whose they were.
    await results.lists.forget(userId);
    await results.forget(traces);
    await store.scrub();
    return { results: traces.jobs.size, jobs: cancelled, pictures: removed };
  }

  /** The cached pictures of a result, and those it started from. */
  #cached(job: string, { shown = 0, request }: Stored): { key: string; bytes: number }[] {
    const count = Math.max(shown, request?.count ?? 0);
    const keys = Array.from({ length: count }, (_, k) => pictureKey(job, k + 1));
    return [...keys, ...sourcesOf({ request })].flatMap((key) => {
      const bytes = this.parts.pictures.sizeOf(key);
      return bytes === null ? [] : [{ key, bytes }];
    });
  }
}

/** The link to its message. */
function linkTo({ guildId, channelId, messageId }: Stored): string | null {
  if (!channelId || !messageId) return null;
  return guildId ? messageLink(channelId, messageId, guildId) : messageLink(channelId, messageId);
}

/** The token is the bot's key to an answer and says nothing about the user. */
function withoutToken({ origin: { token: _, ...origin }, ...job }: Job): object {
  return { ...job, origin };
}
