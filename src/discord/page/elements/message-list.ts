import type { APIMessage } from 'discord-api-types/v10';
import { css, html, LitElement, nothing, type PropertyValues } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { Awaited, isLoading } from '../awaited.js';
import { nameOf } from '../names.js';
import { Flag } from '../numbers.js';
import { store } from '../session.js';
import { Watch } from '../watch.js';
import './greeting.js';
import { summary } from './message.js';
import './note.js';
import { t } from '../words.js';
import { shared } from './shared.js';

/** Messages of one author follow each other without name and picture for so long. */
const TOGETHER = 7 * 60 * 1000;
const NEAR_END = 80;

/** The channel's messages, kept at their end while the reader is there. */
@customElement('easel-message-list')
export class MessageList extends LitElement {
  @query('.scroller') private scroller!: HTMLElement;
  @query('.content') private content!: HTMLElement;
  /** Messages that came while the reader was further up. */
  @state() private missed = 0;
  /** More than a window away from the end. */
  @state() private far = false;
  #atEnd = true;
  #scrolled = 0;
  #channel: string | null = null;
  #sizes: ResizeObserver | null = null;
  #heard = '';
  /** The message that is being loaded, to be shown when it is there. */
  #sought: string | null = null;
  readonly #awaited = new Awaited();

  static override styles = [
    shared,
    css`
      :host {
        display: block;
        min-height: 0;
        position: relative;
      }
      .scroller {
        height: 100%;
        overflow-y: scroll;
        overflow-x: hidden;
        scrollbar-color: var(--rail) transparent;
      }
      .content {
        display: flex;
        flex-direction: column;
        justify-content: flex-end;
        min-height: 100%;
        padding-bottom: 24px;
      }
      ol {
        margin: 0;
        padding: 0;
        list-style: none;
      }
      li:focus-visible {
        outline-offset: -2px;
      }
      .day {
        display: flex;
        align-items: center;
        gap: 8px;
        margin: 24px 16px 8px;
        font-size: 12px;
        font-weight: 600;
        color: var(--muted);
      }
      .day::before,
      .day::after {
        content: '';
        flex: 1;
        border-top: 1px solid var(--line);
      }
      .present {
        position: absolute;
        bottom: 4px;
        left: 16px;
        right: 16px;
        padding: 4px 12px;
        border-radius: 8px;
        font-size: 14px;
        font-weight: 500;
        color: #fff;
        background: var(--accent);
      }
      .older {
        display: flex;
        justify-content: space-between;
        gap: 8px;
        color: var(--text);
        background: var(--side);
        box-shadow: var(--shadow);
      }
      .skeleton {
        display: grid;
        gap: 24px;
        padding: 16px;
      }
      .skeleton div {
        display: grid;
        grid-template-columns: 40px minmax(0, 1fr);
        gap: 8px 16px;
      }
      .skeleton i {
        height: 16px;
        border-radius: 8px;
        background: var(--hover);
        border: 1px solid transparent;
      }
      .skeleton i:first-child {
        grid-row: span 2;
        height: 40px;
        border-radius: 50%;
      }
      .skeleton i:nth-child(2) {
        width: 120px;
      }
      .skeleton i:nth-child(3) {
        max-width: 480px;
      }
      .found easel-message {
        animation: found 2s;
      }
      @keyframes found {
        from {
          background: var(--mention);
        }
      }
    `,
  ];

  constructor() {
    super();
    const here = () => store.place.channel ?? '';
    new Watch(this, store, () => [
      ...store.named,
      store.place,
      store.messages.get(here()),
      store.whole.has(here()),
      store.notes,
    ]);
    this.addEventListener('keydown', this.#key);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    store.addEventListener('message', this.#announce);
    store.addEventListener('edit', this.#announceEdit);
    store.addEventListener('own', this.#toEnd);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#sizes?.disconnect();
    store.removeEventListener('message', this.#announce);
    store.removeEventListener('edit', this.#announceEdit);
    store.removeEventListener('own', this.#toEnd);
  }

  protected override firstUpdated(): void {
    this.#sizes = new ResizeObserver(() => this.#stick());
    this.#sizes.observe(this.content);
    this.#sizes.observe(this.scroller);
  }

  protected override updated(_: PropertyValues): void {
    const { channel, message } = store.place;
    const arrived = this.#channel !== channel && store.messages.has(channel ?? '');
    if (arrived) {
      this.#channel = channel;
      this.#atEnd = !message;
      this.missed = 0;
    }
    const sought = this.#sought;
    this.#sought = message;
    if (message && this.#find(message)) {
      this.#atEnd = false;
      this.#sought = null;
      store.place = { ...store.place, message: null };
    } else if (sought && !message) this.#toEnd();
    else this.#stick();
  }

  /** The account's own doings bring the end into view. */
  readonly #toEnd = () => {
    this.#atEnd = true;
    this.missed = 0;
    this.#stick();
  };

  #stick(): void {
    if (this.#atEnd) this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  #find(id: string): boolean {
    const item = this.renderRoot.querySelector<HTMLElement>(`li[data-id="${id}"]`);
    if (!item) return false;
    item.scrollIntoView({ block: 'center' });
    item.focus();
    item.classList.remove('found');
    void item.offsetWidth;
    item.classList.add('found');
    return true;
  }

  #scroll(): void {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    // Only upwards is away from the end: when the content has just grown, the end is where this is about to go.
    if (scrollHeight - scrollTop - clientHeight < NEAR_END) this.#atEnd = true;
    else if (scrollTop < this.#scrolled) this.#atEnd = false;
    this.#scrolled = scrollTop;
    this.far = scrollHeight - scrollTop > 2 * clientHeight;
    if (this.#atEnd) this.missed = 0;
    if (scrollTop < 400 && store.place.channel && store.messages.has(store.place.channel)) void this.#older();
  }

  #loading = false;
  /** Older messages push the others down: the reader's place is kept. */
  async #older(): Promise<void> {
    if (this.#loading) return;
    this.#loading = true;
    const fromEnd = this.scroller.scrollHeight - this.scroller.scrollTop;
    const before = store.messages.get(store.place.channel!)?.length;
    await store.loadOlder(store.place.channel!);
    await this.updateComplete;
    const after = store.messages.get(store.place.channel!)?.length;
    if (after !== before && !this.#atEnd) this.scroller.scrollTop = this.scroller.scrollHeight - fromEnd;
    this.#loading = false;
  }

  /** Screen readers hear of new messages once, and again of what an app was thinking about; not of each progress edit. */
  readonly #announce = (event: Event) => {
    const message = (event as CustomEvent<APIMessage>).detail;
    if (message.channel_id !== store.place.channel || message.author.id === store.api.account) return;
    if (!this.#atEnd) this.missed++;
    this.#awaited.begin(message);
    this.#say(message, isLoading(message) ? t('list.thinking') : summary(message));
  };

  readonly #announceEdit = (event: Event) => {
    const message = (event as CustomEvent<APIMessage>).detail;
    const told = this.#awaited.tells(message);
    if (told && message.channel_id === store.place.channel) this.#say(message, summary(message));
  };

  #say(message: APIMessage, what: string): void {
    this.#heard = `${nameOf(message.author)}: ${what}`;
    this.requestUpdate();
  }

  readonly #key = (event: KeyboardEvent) => {
    const item = event.composedPath().find((node) => node instanceof HTMLLIElement && node.dataset.id) as
      | HTMLElement
      | undefined;
    if (!item || event.composedPath()[0] !== item) return;
    const items = [...this.renderRoot.querySelectorAll<HTMLElement>('li[data-id]')];
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (step) items[items.indexOf(item) + step]?.focus();
    else if (event.key === 'Enter' || (event.key === 'F10' && event.shiftKey)) this.#menu(event, item);
    else return;
    event.preventDefault();
  };

  #menu(event: Event, item: HTMLElement): void {
    const message = store.messages.get(store.place.channel!)?.find(({ id }) => id === item.dataset.id);
    if (!message) return;
    event.preventDefault();
    const box = item.getBoundingClientRect();
    const at = event instanceof MouseEvent && event.clientX > 0 ? new DOMRect(event.clientX, event.clientY, 0, 0) : box;
    item.dispatchEvent(new CustomEvent('message-menu', { bubbles: true, composed: true, detail: { message, at } }));
  }

  protected override render() {
    const { channel } = store;
    const messages = store.messages.get(channel?.id ?? '') ?? [];
    const notes = store.notes.filter((note) => note.channel === channel?.id);
    return html`
      <div class="scroller" @scroll=${this.#scroll}>
        <div class="content">
          ${channel && !store.messages.has(channel.id) ? skeleton() : nothing}
          ${channel && store.whole.has(channel.id) ? html`<easel-greeting .channel=${channel}></easel-greeting>` : nothing}
          <ol aria-label=${t('list.messages', { channel: channel ? `${channel.guild_id ? '#' : ''}${channel.name}` : '' })}>
            ${repeat(
              messages,
              ({ id }) => id,
              (message, place) => html`
                ${newDay(messages[place - 1], message) ? dayLine(message) : nothing}
                <li
                  data-id=${message.id}
                  tabindex=${place === messages.length - 1 ? 0 : -1}
                  @contextmenu=${(event: MouseEvent) => {
                    // A link or chosen text keeps the browser's own menu.
                    if (!getSelection()?.toString()) this.#menu(event, event.currentTarget as HTMLElement);
                  }}
                >
                  <easel-message .message=${message} ?compact=${follows(messages[place - 1], message)}></easel-message>
                </li>
              `,
            )}
            ${repeat(
              notes,
              ({ id }) => id,
              (note) => html`<li><easel-note .note=${note}></easel-note></li>`,
            )}
          </ol>
        </div>
      </div>
      ${
        this.missed > 0
          ? html`<button class="present" @click=${this.#toEnd}>${t('list.new', { count: this.missed })}</button>`
          : this.far
            ? html`<button class="present older" @click=${this.#toEnd}><span>${t('list.old')}</span><strong>${t('list.present')}</strong></button>`
            : nothing
      }
      <div class="unseen" aria-live="polite">${this.#heard}</div>
    `;
  }
}

function follows(before: APIMessage | undefined, message: APIMessage): boolean {
  if (!before || before.author.id !== message.author.id || newDay(before, message)) return false;
  if (message.interaction_metadata || message.message_reference || message.webhook_id !== before.webhook_id)
    return false;
  if (((before.flags ?? 0) ^ (message.flags ?? 0)) & Flag.Ephemeral) return false;
  return Date.parse(message.timestamp) - Date.parse(before.timestamp) < TOGETHER;
}

function newDay(before: APIMessage | undefined, { timestamp }: APIMessage): boolean {
  return !before || new Date(before.timestamp).toDateString() !== new Date(timestamp).toDateString();
}

/** In place of messages that are on their way. */
function skeleton() {
  const line = html`<div><i></i><i></i><i></i></div>`;
  return html`<div class="skeleton" aria-hidden="true">${Array.from({ length: 8 }, () => line)}</div>`;
}

function dayLine({ timestamp }: APIMessage) {
  const date = new Date(timestamp).toLocaleDateString(store.locale, { dateStyle: 'long' });
  return html`<li class="day">${date}</li>`;
}
