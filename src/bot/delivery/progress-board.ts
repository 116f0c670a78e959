import { AttachmentBuilder, type Client, InteractionWebhook, MessageFlags } from 'discord.js';
import type { Logger } from 'pino';
import type { DiscordClock } from '../gateway/discord-clock.js';
import { isGone } from '../gateway/discord-errors.js';
import { emptyPreview } from '../painter/preview.js';
import type { Job, JobProgress, JobQueue, Ticket } from '../request/job.js';
import { translateFor } from '../text/i18n.js';
import { cancelButton } from './components.js';
import { laterText, progressText } from './texts.js';

/** Edits of one message come at least this far apart: Discord's limits, and the reader's patience. */
const INTERVAL = 3000;

interface Entry {
  job: Job;
  answer: InteractionWebhook;
  /** Milliseconds since the epoch: when it cannot be edited any more. */
  answerExpiresAt: number;
  /** What is to be shown; newer states replace it while an edit is on its way. */
  next: Ticket | JobProgress | null;
  /** The newest that was not shown yet: most states come without one. */
  preview: Uint8Array | null;
  /** A picture is shown, if an empty one. */
  drawn: boolean;
  busy: boolean;
  lastEdit: number;
  timer: NodeJS.Timeout | null;
  /** Waits for the moment after which the answer cannot be edited any more. */
  lastWord: NodeJS.Timeout | null;
  onShown: ((messageId: string) => Promise<void>) | null;
}

interface BoardOptions {
  client: Client<true>;
  jobs: JobQueue;
  log: Logger;
  clock: DiscordClock;
  /** Whether nothing of a model's pictures is shown before they are checked. */
  hidesPreviews: (model: string) => boolean;
}

/** Keeps the answers of waiting and running jobs up to date. States in between are dropped, never queued. */
export class ProgressBoard {
  readonly #entries = new Map<string, Entry>();
  readonly #answers = new Map<string, Promise<unknown>>();

  constructor(private readonly options: BoardOptions) {
    const { jobs } = options;
    jobs.onProgress((job, progress) => this.#show(job.id, progress));
    jobs.onMoved(() => {
      for (const [id, { next }] of this.#entries) {
        const ticket = jobs.ticket(id);
        if (ticket && !(next && 'step' in next)) this.#show(id, ticket);
      }
    });
  }

  /**
   * Begins to show a job whose answer has been deferred.
   *
   * @param onShown is told, once, which message that is.
   */
  follow(job: Job, onShown: ((messageId: string) => Promise<void>) | null = null): void {
    const ticket = this.options.jobs.ticket(job.id);
    const { applicationId, token, tokenExpiresAt: answerExpiresAt = 0 } = job.origin;
    // A short job may be done before its answer was deferred, and a reaction has none.
    if (!ticket || !token) return;
    const answer = new InteractionWebhook(this.options.client, applicationId, token);
    const fresh = { next: null, preview: null, drawn: false, busy: false, lastEdit: 0, timer: null, lastWord: null };
    const entry: Entry = { job, answer, answerExpiresAt, onShown, ...fresh };
    this.#entries.set(job.id, entry);
    const left = answerExpiresAt - Date.now();
    if (left > 0) entry.lastWord = setTimeout(() => void this.#sayLast(entry), left);
    this.#show(job.id, ticket);
  }

  /** @param answered settles when the job's interaction has its first answer, or cannot have one. */
  expect(id: string, answered: Promise<unknown>): void {
    const settled = answered.catch(() => {}).finally(() => this.#answers.delete(id));
    this.#answers.set(id, settled);
  }

  /** Ends it; waits for an answer or edit that is on its way, so that the result comes last. */
  async leave(id: string): Promise<void> {
    // A short job may be done before Discord has taken its first answer, and then there is nothing to edit yet.
    await this.#answers.get(id);
    const entry = this.#entries.get(id);
    if (!entry) return;
    this.#drop(entry);
    while (entry.busy) await wait20();
  }

  stop(): void {
    for (const entry of this.#entries.values()) this.#drop(entry);
  }

  #drop({ job, timer, lastWord }: Entry): void {
    this.#entries.delete(job.id);
    clearTimeout(timer ?? undefined);
    clearTimeout(lastWord ?? undefined);
  }

  #show(id: string, state: Ticket | JobProgress): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    entry.next = state;
    if ('step' in state && state.preview && !entry.job.origin.spoiler) entry.preview = state.preview;
    if (entry.busy || entry.timer) return;
    const wait = Math.max(0, entry.lastEdit + INTERVAL - Date.now());
    entry.timer = setTimeout(() => void this.#edit(entry), wait);
  }

  /** When its turn has come, the result's place is kept before there is a preview: what stands below moves but once. */
  async #canvas(entry: Entry, state: Ticket | JobProgress): Promise<Uint8Array | null> {
    const { request, origin } = entry.job;
    // How large a result of another picture is, the painter knows when it has looked at that.
    if (entry.drawn || origin.spoiler || 'source' in request || !('step' in state || state.position <= 1)) return null;
    entry.drawn = true;
    try {
      return await emptyPreview(request, translateFor(origin.locale));
    } catch (error) {
      // The words are worth showing without it.
      this.options.log.warn({ err: error, job: entry.job.id }, 'an empty preview could not be made');
      return null;
    }
  }

  async #edit(entry: Entry): Promise<void> {
    const { job, answer, answerExpiresAt, next, preview } = entry;
    entry.timer = null;
    if (!next || !this.#entries.has(job.id) || Date.now() > answerExpiresAt) return;
    entry.busy = true;
    entry.next = entry.preview = null;
    if (preview) entry.drawn = true;
    const t = translateFor(job.origin.locale);
    const text = progressText(job, next, t, this.options.clock.now());
    // Where a preview is expected, why there is none; from the first, so that nothing moves.
    const unseen = !job.origin.spoiler && this.options.hidesPreviews(job.request.model);
    try {
      const shown = preview ?? (await this.#canvas(entry, next));
      const { id } = await answer.editMessage('@original', {
        content: unseen ? `${text}\n-# ${t('progress.noPreview')}` : text,
        components: [cancelButton(job.id, t)],
        // Without a new preview the one that is shown stays.
        ...(shown && { files: [previewFile(shown, t('progress.preview'))], attachments: [] }),
        allowedMentions: { parse: [] },
        flags: MessageFlags.SuppressEmbeds,
      });
      await entry.onShown?.(id);
      entry.onShown = null;
    } catch (error) {
      // The message or channel was deleted, or the token is too old: the job goes on, its delivery finds another way.
      if (isGone(error)) this.#drop(entry);
      else this.options.log.warn({ err: error, job: job.id }, 'progress could not be shown');
    } finally {
      entry.lastEdit = Date.now();
      entry.busy = false;
      if (entry.next && this.#entries.has(job.id)) this.#show(job.id, entry.next);
    }
  }

  /** The token is about to end: what stands there then stays, so it promises nothing that passes. */
  async #sayLast(entry: Entry): Promise<void> {
    const { job, answer } = entry;
    this.#drop(entry);
    while (entry.busy) await wait20();
    const t = translateFor(job.origin.locale);
    // Where the bot can edit its message without the token, its button goes when the result comes.
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

function wait20(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}

function previewFile(png: Uint8Array, description: string): AttachmentBuilder {
  return new AttachmentBuilder(Buffer.from(png), { name: 'preview.png', description });
}
