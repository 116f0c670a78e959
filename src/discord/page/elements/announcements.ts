import type { APIMessage } from 'discord-api-types/v10';
import type { ReactiveController, ReactiveControllerHost } from 'lit';
import { Awaited, isLoading } from '../awaited.js';
import { nameOf } from '../names.js';
import type { Store } from '../store.js';
import { t } from '../words.js';
import { summary } from './message.js';

/**
 * Announces a channel's messages to screen readers: each new one once, and the result of what an app was thinking
 * about, but not each progress edit.
 */
export class Announcements implements ReactiveController {
  text = '';
  readonly #awaited = new Awaited();

  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly store: Store,
  ) {
    host.addController(this);
  }

  hostConnected(): void {
    this.store.addEventListener('message', this.#hear);
    this.store.addEventListener('edit', this.#hearEdit);
  }

  hostDisconnected(): void {
    this.store.removeEventListener('message', this.#hear);
    this.store.removeEventListener('edit', this.#hearEdit);
  }

  readonly #hear = (event: Event) => {
    const message = (event as CustomEvent<APIMessage>).detail;
    if (message.channel_id !== this.store.place.channel || message.author.id === this.store.api.account) return;
    this.#awaited.begin(message);
    this.#say(message, isLoading(message) ? t('list.thinking') : summary(message));
  };

  readonly #hearEdit = (event: Event) => {
    const message = (event as CustomEvent<APIMessage>).detail;
    const told = this.#awaited.tells(message);
    if (told && message.channel_id === this.store.place.channel) this.#say(message, summary(message));
  };

  #say(message: APIMessage, what: string): void {
    this.text = `${nameOf(message.author)}: ${what}`;
    this.host.requestUpdate();
  }
}
