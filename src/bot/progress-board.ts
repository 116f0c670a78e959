import { AttachmentBuilder, type Client, InteractionWebhook, MessageFlags } from 'discord.js';
import type { Logger } from 'pino';
import { cancelButton } from './components.js';
import { isGone } from './discord-errors.js';
import { translateFor } from './i18n.js';
import type { Job, JobProgress, JobQueue, Ticket } from './job.js';
import { emptyPreview } from './painter/preview.js';
import { progressText } from './texts.js';

/** Edits of one message come at least this far apart: Discord's limits, and the reader's patience. */
const INTERVAL = 3000;

interface Entry {
  job: Job;
  /** What is to be shown; newer states replace it while an edit is on its way. */
  next: Ticket | JobProgress | null;
  /** The newest that was not shown yet: most states come without one. */
  preview: Uint8Array | null;
  /** A picture is shown, if an empty one. */
  drawn: boolean;
  busy: boolean;
  lastEdit: number;
  timer: NodeJS.Timeout | null;
}

/** Keeps the answers of waiting and running jobs up to date. States in between are dropped, never queued. */
export class ProgressBoard {
  readonly #entries = new Map<string, Entry>();
  readonly #answers = new Map<string, Promise<unknown>>();

  constructor(
    private readonly client: Client<true>,
    private readonly jobs: JobQueue,
    private readonly log: Logger,
  ) {
    jobs.onProgress((job, progress) => this.#show(job.id, progress));
    jobs.onMoved(() => {
      for (const [id, { next }] of this.#entries) {
        const ticket = jobs.ticket(id);
        if (ticket && !(next && 'step' in next)) this.#show(id, ticket);
      }
    });
  }

  /** Begins to show a job whose answer has been deferred. */
  follow(job: Job): void {
    const ticket = this.jobs.ticket(job.id);
    // A short job may be done before its answer was deferred.
    if (!ticket) return;
    this.#entries.set(job.id, { job, next: null, preview: null, drawn: false, busy: false, lastEdit: 0, timer: null });
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
    this.#entries.delete(id);
    if (entry.timer) clearTimeout(entry.timer);
    while (entry.busy) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  stop(): void {
    for (const { timer } of this.#entries.values()) if (timer) clearTimeout(timer);
    this.#entries.clear();
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
    if (entry.drawn || origin.spoiler || request.kind !== 'txt2img' || !('step' in state || state.position <= 1))
      return null;
    entry.drawn = true;
    try {
      return await emptyPreview(request, translateFor(origin.locale));
    } catch (error) {
      // The words are worth showing without it.
      this.log.warn({ err: error, job: entry.job.id }, 'the place of a result could not be kept');
      return null;
    }
  }

  async #edit(entry: Entry): Promise<void> {
    const { job, next, preview } = entry;
    entry.timer = null;
    if (!next || !this.#entries.has(job.id) || Date.now() > job.origin.tokenExpiresAt) return;
    entry.busy = true;
    entry.next = entry.preview = null;
    if (preview) entry.drawn = true;
    const t = translateFor(job.origin.locale);
    const webhook = new InteractionWebhook(this.client, job.origin.applicationId, job.origin.token);
    try {
      const shown = preview ?? (await this.#canvas(entry, next));
      await webhook.editMessage('@original', {
        content: progressText(job, next, t),
        components: [cancelButton(job.id, t)],
        // Without a new preview the one that is shown stays.
        ...(shown && { files: [previewFile(shown, t('progress.preview'))], attachments: [] }),
        allowedMentions: { parse: [] },
        flags: MessageFlags.SuppressEmbeds,
      });
    } catch (error) {
      // The message or channel was deleted, or the token is too old: the job goes on, its delivery finds another way.
      if (isGone(error)) this.#entries.delete(job.id);
      else this.log.warn({ err: error, job: job.id }, 'progress could not be shown');
    } finally {
      entry.lastEdit = Date.now();
      entry.busy = false;
      if (entry.next && this.#entries.has(job.id)) this.#show(job.id, entry.next);
    }
  }
}

function previewFile(png: Uint8Array, description: string): AttachmentBuilder {
  return new AttachmentBuilder(Buffer.from(png), { name: 'preview.png', description });
}
