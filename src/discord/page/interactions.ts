import type { APIMessage } from 'discord-api-types/v10';
import type { PageAnswer, PageInteraction } from '../page-protocol.js';
import { type Api, Refused } from './api.js';
import { t } from './words.js';

/** A note at the end of a channel that only this window sees: a command being sent, or that it failed. */
export interface Note {
  id: string;
  channel: string;
  command: string;
  state: 'sending' | 'failed';
  text: string;
}

/** The account's interactions, and those not yet answered. */
export class Interactions {
  notes: readonly Note[] = [];
  /** Components waiting for the app's answer, by message id and custom id. */
  busy: ReadonlySet<string> = new Set();
  /** Messages whose components failed when last used. */
  failed: ReadonlySet<string> = new Set();

  /**
   * @param attempt returns null for a refusal, and tells the user.
   * @param changed is called when any of it changes.
   */
  constructor(
    private readonly api: Api,
    private readonly attempt: <T>(asked: Promise<T>) => Promise<T | null>,
    private readonly changed: () => void,
  ) {}

  /** Uses a command, with a note until the answer comes. @returns the modal, if that is the answer. */
  async command(
    channel: string,
    name: string,
    interaction: PageInteraction,
    files: readonly File[],
  ): Promise<PageAnswer | null> {
    const note: Note = { id: crypto.randomUUID(), channel, command: name, state: 'sending', text: '' };
    this.notes = [...this.notes, note];
    this.changed();
    let answer: PageAnswer | null = null;
    let refusal = '';
    try {
      answer = await this.api.interact(channel, interaction, files);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      refusal = error.message;
    }
    if (answer && answer.kind !== 'failed') this.dismiss(note);
    else {
      const failed: Note = { ...note, state: 'failed', text: refusal || t('app.noResponse') };
      this.notes = this.notes.map((one) => (one.id === note.id ? failed : one));
      this.changed();
    }
    return answer;
  }

  /** Uses a component of a message. */
  async use(
    { id, channel_id }: APIMessage,
    application_id: string,
    data: { custom_id: string; component_type: number; values?: string[] },
  ): Promise<PageAnswer | null> {
    const key = `${id} ${data.custom_id}`;
    if (this.busy.has(key)) return null;
    this.busy = new Set([...this.busy, key]);
    this.failed = without(this.failed, id);
    this.changed();
    const interaction: PageInteraction = { type: 3, application_id, message_id: id, data };
    const answer = await this.attempt(this.api.interact(channel_id, interaction));
    this.busy = without(this.busy, key);
    if (!answer || answer.kind === 'failed') this.failed = new Set([...this.failed, id]);
    this.changed();
    return answer;
  }

  dismiss(note: Note): void {
    this.notes = this.notes.filter(({ id }) => id !== note.id);
    this.changed();
  }
}

function without(set: ReadonlySet<string>, gone: string): ReadonlySet<string> {
  return new Set([...set].filter((one) => one !== gone));
}
