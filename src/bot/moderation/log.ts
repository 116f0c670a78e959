import { type Client, type GuildBasedChannel, MessageFlags, messageLink, type SendableChannels } from 'discord.js';
import PQueue from 'p-queue';
import type { Logger } from 'pino';
import { CONTENT } from '../delivery/texts.js';
import { verdict } from '../gateway/discord-errors.js';
import { ageRestricted } from '../gateway/place.js';
import { within } from '../queue/within.js';
import type { Job, Outcome } from '../request/job.js';
import { newJobId } from '../request/job-id.js';
import type { GuildSettings } from '../rules/settings.js';
import type { Results } from '../storage/results.js';
import { cut, lengthOf } from '../text/cut.js';
import { type Translate, translateFor } from '../text/i18n.js';
import { type Entry, keyOf, lineOf } from './entry.js';

/** Milliseconds for which entries are collected before they are sent: at most one message per guild in that time. */
const COLLECT = 2000;
/** Messages per second of all logs together: a tenth of what Discord lets a bot send (documentation, "Rate Limits"). */
const PER_SECOND = 5;
/** Milliseconds until the next attempt, after a fault that may pass, and where the bot may not write. */
const AGAIN = 30_000;
const CLOSED = 10 * 60_000;
/** Most entries of a guild that wait; what comes on top of them is only counted. */
const MOST = 100;
/** Of these, for what members ask for: a flood of that must not keep out what moderators do. */
const MOST_OF_MEMBERS = 80;
/** Milliseconds for the last entries when the bot stops. */
const PATIENCE = 2000;

interface Needs {
  readonly client: Client<true>;
  readonly settings: GuildSettings;
  readonly results: Pick<Results, 'get'>;
  readonly log: Logger;
}

interface Waiting {
  /** In order, by key. */
  readonly lines: Map<string, { readonly entry: Entry; times: number }>;
  /** How many were left out since the last message. */
  left: number;
  timer: NodeJS.Timeout | undefined;
  sending: boolean;
}

/**
 * Tells a guild's log channel, if its managers chose one, what was asked for, refused and removed.
 *
 * Invariant: nobody waits for it and nothing fails because of it: entries are collected in memory, in bounded numbers, and
 * sent later in few messages. What waits when the process is killed is lost.
 */
export class ModerationLog {
  readonly #guilds = new Map<string, Waiting>();
  readonly #sending = new PQueue({ concurrency: 4, interval: 1000, intervalCap: PER_SECOND });
  #closed = false;

  constructor(private readonly needs: Needs) {}

  asked({ id: job, request, origin: { guildId, userId: user, channelId: channel, ephemeral: hidden } }: Job): void {
    this.note(guildId, { kind: 'asked', job, user, channel, request, hidden });
  }

  /** What the safety checker found in a result, if it found something. */
  flagged(
    { id: job, request, origin: { guildId, userId: user, channelId: channel, ephemeral: hidden } }: Job,
    outcome: Outcome,
  ): void {
    const count = outcome.kind === 'painted' ? outcome.pictures.filter(({ flagged }) => flagged).length : 0;
    if (count > 0) this.note(guildId, { kind: 'flagged', job, user, channel, request, hidden, count });
  }

  /** Direct messages have no log. */
  note(guildId: string | null, entry: Entry): void {
    if (!guildId || this.#closed) return;
    const waiting = this.#guilds.get(guildId) ?? { lines: new Map(), left: 0, timer: undefined, sending: false };
    this.#guilds.set(guildId, waiting);
    const key = keyOf(entry);
    const known = waiting.lines.get(key);
    const most = 'by' in entry ? MOST : MOST_OF_MEMBERS;
    if (known) known.times++;
    else if (waiting.lines.size < most) waiting.lines.set(key, { entry, times: 1 });
    else waiting.left++;
    this.#wake(guildId, waiting, COLLECT);
  }

  /** Tries soon what waits for a channel where the bot could not write: the managers chose one. */
  again(guildId: string): void {
    const waiting = this.#guilds.get(guildId);
    if (!waiting) return;
    clearTimeout(waiting.timer);
    waiting.timer = undefined;
    this.#wake(guildId, waiting, COLLECT);
  }

  /** Sends what waits, if that is quickly done, and takes nothing more. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const [guildId, { timer }] of this.#guilds) {
      clearTimeout(timer);
      void this.#sending.add(() => this.#send(guildId));
    }
    await within(this.#sending.onIdle(), PATIENCE);
    this.#sending.clear();
    this.#guilds.clear();
  }

  #wake(guildId: string, waiting: Waiting, wait: number): void {
    waiting.timer ??= setTimeout(() => void this.#sending.add(() => this.#send(guildId)), wait).unref();
  }

  async #send(guildId: string): Promise<void> {
    const waiting = this.#guilds.get(guildId);
    if (!waiting || waiting.sending) return;
    waiting.sending = true;
    let wait = COLLECT;
    let channelId: string | null = null;
    try {
      const settings = await this.needs.settings.of(guildId);
      channelId = settings.logChannel;
      // A server that has removed the bot keeps its rules; its members may have installed the bot for themselves.
      if (!channelId || !this.needs.client.guilds.cache.has(guildId)) {
        this.#guilds.delete(guildId);
        return;
      }
      const channel = await this.needs.client.channels.fetch(channelId);
      if (!channel?.isSendable() || channel.isDMBased() || channel.guildId !== guildId) {
        await this.#forgetChannel(guildId, channelId);
        this.#guilds.delete(guildId);
        return;
      }
      const t = translateFor(settings.language ?? channel.guild.preferredLocale);
      await this.#sendNext(waiting, channel, t);
    } catch (err) {
      const what = verdict(err);
      this.needs.log.warn({ err, guild: guildId, channel: channelId }, `the moderation log was not written: ${what}`);
      if (what === 'gone') await this.#forgetChannel(guildId, channelId);
      if (what === 'gone' || what === 'wrong') waiting.lines.clear();
      wait = what === 'closed' ? CLOSED : AGAIN;
    }
    waiting.sending = false;
    clearTimeout(waiting.timer);
    waiting.timer = undefined;
    if (waiting.lines.size === 0) this.#guilds.delete(guildId);
    else if (!this.#closed) this.#wake(guildId, waiting, wait);
  }

  async #sendNext(waiting: Waiting, channel: SendableChannels & GuildBasedChannel, t: Translate): Promise<void> {
    const { left } = waiting;
    const last = left > 0 ? `\n-# ${t('moderation.left', { count: left })}` : '';
    const sent: string[] = [];
    let content = '';
    for (const [key, { entry, times }] of waiting.lines) {
      const veiled = !ageRestricted(channel) && this.#isForAdults(entry);
      const line = lineOf(entry, t, { veiled, times, link: await this.#linkTo(entry) });
      const longer = content ? `${content}\n${line}` : line;
      if (content && lengthOf(longer + last) > CONTENT) break;
      content = longer;
      sent.push(key);
    }
    await channel.send({
      content: cut(content, CONTENT - lengthOf(last)) + last,
      allowedMentions: { parse: [] },
      flags: [MessageFlags.SuppressEmbeds, MessageFlags.SuppressNotifications],
      nonce: newJobId(),
      enforceNonce: true,
    });
    for (const key of sent) waiting.lines.delete(key);
    waiting.left -= left;
  }

  #isForAdults(entry: Entry): boolean {
    return 'channel' in entry && ageRestricted(this.needs.client.channels.cache.get(entry.channel) ?? null);
  }

  /** The message that shows it. What only one member sees has no address for others. */
  async #linkTo(entry: Entry): Promise<string | null> {
    if (!('job' in entry) || entry.hidden) return null;
    const record = await this.needs.results.get(entry.job);
    if (!record?.messageId || !record.guildId) return null;
    return messageLink(record.channelId, record.messageId, record.guildId);
  }

  async #forgetChannel(guildId: string, channelId: string | null): Promise<void> {
    const { settings, log } = this.needs;
    await settings
      .change(guildId, ({ logChannel }) => (logChannel === channelId ? { logChannel: null } : {}))
      .catch((err) => log.warn({ err, guild: guildId }, 'a log channel that is gone is still in the rules'));
  }
}
