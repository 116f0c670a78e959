import type { APIMessage } from 'discord-api-types/v10';
import type { Api } from './api.js';
import { after, type News } from './news.js';
import { Flag } from './numbers.js';

/** Messages per request, as in Discord's client. */
const PAGE = 50;

/**
 * The messages that an account has loaded, kept up to date by live events. No message of a channel is missing between
 * two others.
 */
export class History {
  /** By channel, oldest first; missing until first shown. */
  readonly messages = new Map<string, readonly APIMessage[]>();
  /** Channels whose beginning is loaded. */
  readonly whole = new Set<string>();
  /** Channels being loaded, with the events since. */
  readonly #loading = new Map<string, News[]>();

  /**
   * @param attempt returns null for a refusal, and tells the user.
   * @param changed is called when more is loaded.
   */
  constructor(
    private readonly api: Api,
    private readonly attempt: <T>(asked: Promise<T>) => Promise<T | null>,
    private readonly changed: () => void,
  ) {}

  /** Loads a channel's newest messages. */
  async load(channel: string): Promise<void> {
    const before = this.messages.get(channel) ?? [];
    // Events may have arrived that are newer than the response.
    const meanwhile: News[] = [];
    this.#loading.set(channel, meanwhile);
    const messages = await this.attempt(this.api.messages(channel));
    if (this.#loading.get(channel) !== meanwhile) return;
    this.#loading.delete(channel);
    if (!messages) return;
    // Whether the response already counts a reaction is unknown, so it is requested again.
    if (meanwhile.some(({ t }) => t.startsWith('MESSAGE_REACTION'))) return this.load(channel);
    // Without a message in common there may be a gap, so older messages are loaded again when needed.
    const common = before.findIndex(({ id }) => id === messages[0]?.id);
    const loaded = withEphemeral([...before.slice(0, Math.max(common, 0)), ...messages], before);
    this.messages.set(
      channel,
      meanwhile.reduce((all, event) => after(all, event, this.api.account), loaded),
    );
    if (messages.length < PAGE) this.whole.add(channel);
    else if (common < 0) this.whole.delete(channel);
    this.changed();
  }

  async loadOlder(channel: string): Promise<void> {
    const known = this.messages.get(channel);
    if (!known?.length || this.whole.has(channel)) return;
    const older = await this.attempt(this.api.messages(channel, known[0]!.id));
    if (!older) return;
    const now = this.messages.get(channel) ?? [];
    this.messages.set(channel, [...older.filter(({ id }) => !now.some((one) => one.id === id)), ...now]);
    if (older.length < PAGE) this.whole.add(channel);
    this.changed();
  }

  /**
   * Loads older messages until one of them is there.
   *
   * @param wanted false once the reader has gone elsewhere.
   * @returns false for a message that no longer exists.
   */
  async loadUpTo(channel: string, message: string, wanted: () => boolean): Promise<boolean> {
    for (;;) {
      const known = this.messages.get(channel);
      const oldest = known?.[0];
      if (!oldest || known.some(({ id }) => id === message) || !wanted()) return true;
      if (this.whole.has(channel) || BigInt(oldest.id) < BigInt(message)) return false;
      await this.loadOlder(channel);
      // It was refused, and the user has been told why.
      if (this.messages.get(channel) === known) return false;
    }
  }

  /** After a lost connection: loads what was missed in a channel, and drops the others until they are shown again. */
  catchUp(channel: string): Promise<void> {
    this.#loading.clear();
    for (const kept of [this.messages, this.whole]) {
      for (const one of [...kept.keys()]) if (one !== channel) kept.delete(one);
    }
    return this.load(channel);
  }

  hear(event: News): void {
    const { channel_id } = event.d;
    this.#loading.get(channel_id)?.push(event);
    const known = this.messages.get(channel_id);
    if (known) this.messages.set(channel_id, after(known, event, this.api.account));
  }
}

/** The response lacks messages that only this window got. Those older than the loaded ones are beyond a gap. */
function withEphemeral(loaded: readonly APIMessage[], before: readonly APIMessage[]): readonly APIMessage[] {
  const oldest = BigInt(loaded[0]?.id ?? 0);
  const kept = before.filter((one) => (one.flags ?? 0) & Flag.Ephemeral && BigInt(one.id) > oldest);
  const missing = kept.filter(({ id }) => !loaded.some((one) => one.id === id));
  return [...loaded, ...missing].sort((a, b) => (BigInt(a.id) < BigInt(b.id) ? -1 : 1));
}
