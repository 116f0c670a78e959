import { AttachmentBuilder, type Client, InteractionWebhook, MessageFlags } from 'discord.js';
import PQueue from 'p-queue';
import type { Logger } from 'pino';
import type { DiscordClock } from '../gateway/discord-clock.js';
import { isGone, isOutOfReach } from '../gateway/discord-errors.js';
import { emptyPreview } from '../painter/preview.js';
import type { Job, JobProgress, JobQueue, Ticket } from '../request/job.js';
import { translateFor } from '../text/i18n.js';
import { cancelButton } from './components.js';
import { ended, laterText, progressText } from './texts.js';

/** Milliseconds between edits of one message, at least, because of Discord's limits and for the reader's sake. */
const INTERVAL = 3000;
/** Milliseconds for edits in progress at the end: less than an operator's patience. */
const LAST_EDITS = 2000;
/** Edits at a time. */
const EDITS = 10;
/** First answers on their way to Discord, which waits three seconds for them; in a larger crowd nothing is edited. */
const CROWD = 10;

interface Entry {
  job: Job;
  answer: InteractionWebhook;
  /**
   * What is to be shown: how far the painter is, or its place in the queue, which is looked up when the message is edited.
   * Newer ones replace it while an edit is in progress.
   */
  next: JobProgress | 'place' | null;
  /** The message says how far the painter is, which its place in the queue adds nothing to. */
  painting: boolean;
  /** The newest preview not yet shown; most states come without one. */
  preview: Uint8Array | null;
  /** Whether the message has a picture, even an empty one. */
  drawn: boolean;
  busy: boolean;
  /** Milliseconds of performance.now(). */
  lastEdit: number;
  timer: NodeJS.Timeout | null;
  /** Fires just before the answer can no longer be edited. */
  lastWord: NodeJS.Timeout | null;
  onShown: ((messageId: string) => Promise<void>) | null;
  /** The time shown for when it will be ready, by Discord's clock, in milliseconds since the epoch. */
  readyAt: number | null;
  /** The message says that it is being cancelled, and shows nothing else any more. */
  cancelling: boolean;
}

interface BoardOptions {
  client: Client<true>;
  jobs: JobQueue;
  log: Logger;
  clock: DiscordClock;
  /** Whether a model's pictures must not be shown before they are checked. */
  hidesPreviews: (model: string) => boolean;
}

/** Keeps the answers of waiting and running jobs up to date. Intermediate states are dropped, never queued. */
export class ProgressBoard {
  readonly #entries = new Map<string, Entry>();
  readonly #answers = new Map<string, Promise<unknown>>();
  readonly #edits = new PQueue({ concurrency: EDITS });
  #stopped = false;

  constructor(private readonly options: BoardOptions) {
    const { jobs } = options;
    jobs.onProgress(({ id }, progress) => {
      const entry = this.#entries.get(id);
      if (entry) this.#show(entry, progress);
    });
    jobs.onMoved(() => {
      for (const entry of this.#entries.values()) if (entry.next === null) this.#show(entry, 'place');
    });
  }

  /**
   * Starts to show a job whose answer has been deferred.
   *
   * @param onShown is called once, with the id of the answer's message.
   */
  follow(job: Job, onShown: ((messageId: string) => Promise<void>) | null = null): void {
    const { applicationId, token, tokenExpiresAt = 0 } = job.origin;
    const left = tokenExpiresAt - Date.now();
    // A short job may be done before its answer is deferred, and reactions have no answer.
    if (!token || left <= 0 || this.#stopped || !this.options.jobs.has(job.id)) return;
    const answer = new InteractionWebhook(this.options.client, applicationId, token);
    const fresh = { next: null, painting: false, preview: null, drawn: false, busy: false, cancelling: false };
    const times = { lastEdit: Number.NEGATIVE_INFINITY, timer: null, lastWord: null, readyAt: null };
    const entry: Entry = { job, answer, onShown, ...fresh, ...times };
    this.#entries.set(job.id, entry);
    entry.lastWord = setTimeout(() => void this.#sayLast(entry), left);
    this.#show(entry, 'place');
  }

  /** @param answered settles when the interaction that the job came from has been answered, or cannot be. */
  expect(id: string, answered: Promise<unknown>): void {
    const settled: Promise<unknown> = Promise.allSettled([this.#answers.get(id), answered]).finally(() => {
      if (this.#answers.get(id) === settled) this.#answers.delete(id);
      if (this.#answers.size <= CROWD) this.#edits.start();
    });
    this.#answers.set(id, settled);
    if (this.#answers.size > CROWD) this.#edits.pause();
  }

  /**
   * Says that a job is being cancelled, and nothing after that: its current step may take long.
   *
   * @returns false if there is no answer to edit.
   */
  cancelling(id: string): boolean {
    const entry = this.#entries.get(id);
    if (!entry) return false;
    // A waiting job ends at once.
    if (entry.cancelling || this.options.jobs.ticket(id)?.position !== 0) return true;
    clearTimeout(entry.timer ?? undefined);
    entry.timer = null;
    entry.cancelling = true;
    if (!entry.busy) void this.#edit(entry);
    return true;
  }

  /** Stops showing a job; waits for an answer or edit in progress, so that the result comes last. */
  async leave(id: string): Promise<void> {
    // A short job may be done before Discord has accepted its first answer, when there is nothing to edit yet.
    await this.#answers.get(id);
    const entry = this.#entries.get(id);
    if (!entry) return;
    this.#drop(entry);
    while (entry.busy) await wait20();
  }

  /** Stops showing all; waits a little for edits in progress, which must not come after what the next start says. */
  async stop(): Promise<void> {
    this.#stopped = true;
    const entries = [...this.#entries.values()];
    for (const entry of entries) this.#drop(entry);
    const latest = performance.now() + LAST_EDITS;
    while (entries.some(({ busy }) => busy) && performance.now() < latest) await wait20();
  }

  #drop({ job, timer, lastWord }: Entry): void {
    this.#entries.delete(job.id);
    clearTimeout(timer ?? undefined);
    clearTimeout(lastWord ?? undefined);
  }

  #show(entry: Entry, state: JobProgress | 'place'): void {
    if (entry.cancelling) return;
    entry.next = state;
    if (state !== 'place' && state.preview && !entry.job.origin.spoiler) entry.preview = state.preview;
    if (entry.busy || entry.timer) return;
    const wait = Math.max(0, entry.lastEdit + INTERVAL - performance.now());
    const timer = setTimeout(() => {
      void this.#edits.add(async () => {
        if (entry.timer === timer) await this.#edit(entry);
      });
    }, wait);
    entry.timer = timer;
  }

  /**
   * When a job is next, an empty picture reserves the result's place before there is a preview, so that what is below
   * moves only once.
   */
  async #canvas(entry: Entry, state: Ticket | JobProgress): Promise<Uint8Array | null> {
    const { request, origin } = entry.job;
    // For a picture made from another, the size is only known once the painter has read that one. Without previews, the place
    // would stay empty until the result comes.
    if (entry.drawn || origin.spoiler || 'source' in request || this.#isUnseen(entry.job)) return null;
    if (!('step' in state) && state.position > 1) return null;
    entry.drawn = true;
    try {
      return await emptyPreview(request, translateFor(origin.locale));
    } catch (error) {
      // The text is worth showing without it.
      this.options.log.warn({ err: error, job: entry.job.id }, 'an empty preview could not be made');
      return null;
    }
  }

  #isUnseen({ origin, request }: Job): boolean {
    return !origin.spoiler && this.options.hidesPreviews(request.model);
  }

  async #edit(entry: Entry): Promise<void> {
    const { job, answer, cancelling } = entry;
    entry.timer = null;
    const state = this.#newsOf(entry);
    if (!(state || cancelling) || !this.#entries.has(job.id)) return;
    entry.busy = true;
    try {
      const { id } = await answer.editMessage('@original', {
        ...(cancelling ? this.#cancelled(entry) : await this.#progress(entry, state!)),
        allowedMentions: { parse: [] },
        flags: MessageFlags.SuppressEmbeds,
      });
      await entry.onShown?.(id);
      entry.onShown = null;
    } catch (error) {
      // The message or channel was deleted, or closed, or the token is too old. The job goes on, and its delivery finds another
      // way.
      if (isOutOfReach(error)) this.#drop(entry);
      if (!isGone(error)) this.options.log.warn({ err: error, job: job.id }, 'progress could not be shown');
    } finally {
      entry.lastEdit = performance.now();
      entry.busy = false;
      if (!cancelling && this.#entries.has(job.id)) {
        if (entry.cancelling) void this.#edit(entry);
        else if (entry.next) this.#show(entry, entry.next);
      }
    }
  }

  /** What its message does not say yet, if anything. */
  #newsOf(entry: Entry): Ticket | JobProgress | null {
    const { next, job, painting } = entry;
    entry.next = null;
    if (next !== 'place') {
      entry.painting ||= next !== null;
      return next;
    }
    const ticket = this.options.jobs.ticket(job.id);
    // A job whose painter died waits again.
    entry.painting &&= ticket?.position === 0;
    return painting && entry.painting ? null : ticket;
  }

  async #progress(entry: Entry, state: Ticket | JobProgress) {
    const { job, preview } = entry;
    entry.preview = null;
    if (preview) entry.drawn = true;
    const t = translateFor(job.origin.locale);
    const now = this.options.clock.now();
    entry.readyAt = steady(entry.readyAt, state.secondsLeft, now);
    const shown = preview ?? (await this.#canvas(entry, state));
    const text = progressText(job, state, entry.readyAt, t);
    // Where a preview would be expected, says why there is none; from the start, so that nothing moves.
    return {
      content: this.#isUnseen(job) ? `${text}\n-# ${t('progress.noPreview')}` : text,
      components: [cancelButton(job.id, t)],
      // Without a new preview, the old one stays.
      ...(shown && { files: [previewFile(shown, t('progress.preview'))], attachments: [] }),
    };
  }

  #cancelled({ job }: Entry) {
    const t = translateFor(job.origin.locale);
    return { content: ended(job.request, t('progress.cancelling'), t), components: [] };
  }

  /** The token is about to expire, so what the message says now will stay: it must not name a time. */
  async #sayLast(entry: Entry): Promise<void> {
    const { job, answer } = entry;
    this.#drop(entry);
    while (entry.busy) await wait20();
    const t = translateFor(job.origin.locale);
    // Where the bot can edit its message without the token, the button is removed when the result comes.
    const stays = !job.origin.ephemeral && !job.origin.userInstalled;
    try {
      await answer.editMessage('@original', {
        content: laterText(job, t),
        components: stays ? [cancelButton(job.id, t)] : [],
        attachments: [],
        allowedMentions: { parse: [] },
      });
    } catch (error) {
      if (!isGone(error)) this.options.log.warn({ err: error, job: job.id }, 'progress could not be shown');
    }
  }
}

/**
 * When a job will be ready. The time shown before is kept while it is about right, so that it does not change with
 * every edit.
 *
 * @param now milliseconds since the epoch, like the result.
 */
export function steady(said: number | null, secondsLeft: number | null, now: number): number | null {
  if (secondsLeft === null) return said;
  const left = secondsLeft * 1000;
  const off = said === null ? Number.POSITIVE_INFINITY : Math.abs(said - now - left);
  return off > Math.max(LEEWAY, left / 4) || said! <= now ? now + left : said;
}

/** Milliseconds. */
const LEEWAY = 3000;

function wait20(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}

function previewFile(png: Uint8Array, description: string): AttachmentBuilder {
  return new AttachmentBuilder(Buffer.from(png), { name: 'preview.png', description });
}
