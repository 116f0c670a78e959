import type { APIMessage } from 'discord-api-types/v10';
import { html, LitElement, nothing } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { follows, newDay } from '../grouping.js';
import { nameOf } from '../names.js';
import { store } from '../session.js';
import { Watch } from '../watch.js';
import { Announcements } from './announcements.js';
import './greeting.js';
import { summary } from './message.js';
import { messageListStyles } from './message-list-styles.js';
import './note.js';
import './skeleton.js';
import { t } from '../words.js';
import { shared } from './shared.js';

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
  #loading = false;
  /** The message that is being loaded, to be shown when it is there. */
  #sought: string | null = null;
  /** Where the message stood that had the focus and is gone. */
  #left: number | null = null;
  readonly #announcements = new Announcements(this, store);

  static override styles = [shared, messageListStyles];

  constructor() {
    super();
    const here = () => store.place.channel ?? '';
    new Watch(this, store, () => [
      ...store.named,
      store.place,
      store.history.messages.get(here()),
      store.history.whole.has(here()),
      store.interactions.notes,
    ]);
    this.addEventListener('keydown', this.#key);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    store.addEventListener('message', this.#count);
    store.addEventListener('own', this.#toEnd);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#sizes?.disconnect();
    store.removeEventListener('message', this.#count);
    store.removeEventListener('own', this.#toEnd);
  }

  protected override firstUpdated(): void {
    this.#sizes = new ResizeObserver(() => this.#stick());
    this.#sizes.observe(this.content);
    this.#sizes.observe(this.scroller);
  }

  protected override willUpdate(): void {
    const held = this.shadowRoot?.activeElement?.closest<HTMLElement>('li[data-id]');
    const here = this.#channel === store.place.channel && store.history.messages.get(this.#channel ?? '');
    const gone = held && here && !here.some(({ id }) => id === held.dataset.id);
    this.#left = gone ? this.#items.indexOf(held) : null;
  }

  protected override updated(): void {
    const { channel, message } = store.place;
    // Who deletes a message goes on from there.
    if (this.#left !== null) (this.#items[this.#left] ?? this.#items.at(-1))?.focus();
    const arrived = this.#channel !== channel && store.history.messages.has(channel ?? '');
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
    if (scrollTop < 400 && store.place.channel && store.history.messages.has(store.place.channel)) void this.#older();
  }

  /** Older messages push the others down: the reader's place is kept. */
  async #older(): Promise<void> {
    if (this.#loading) return;
    this.#loading = true;
    const fromEnd = this.scroller.scrollHeight - this.scroller.scrollTop;
    const before = store.history.messages.get(store.place.channel!)?.length;
    await store.history.loadOlder(store.place.channel!);
    await this.updateComplete;
    const after = store.history.messages.get(store.place.channel!)?.length;
    if (after !== before && !this.#atEnd) this.scroller.scrollTop = this.scroller.scrollHeight - fromEnd;
    this.#loading = false;
  }

  readonly #count = (event: Event) => {
    const message = (event as CustomEvent<APIMessage>).detail;
    const others = message.channel_id === store.place.channel && message.author.id !== store.api.account;
    if (others && !this.#atEnd) this.missed++;
  };

  readonly #key = (event: KeyboardEvent) => {
    const item = event.composedPath().find((node) => node instanceof HTMLLIElement && node.dataset.id) as
      | HTMLElement
      | undefined;
    if (!item || event.composedPath()[0] !== item) return;
    const items = this.#items;
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (step) items[items.indexOf(item) + step]?.focus();
    else if (event.key === 'Enter' || (event.key === 'F10' && event.shiftKey)) this.#menu(event, item);
    else return;
    event.preventDefault();
  };

  get #items(): HTMLElement[] {
    return [...this.renderRoot.querySelectorAll<HTMLElement>('li[data-id]')];
  }

  #menu(event: Event, item: HTMLElement): void {
    const message = store.history.messages.get(store.place.channel!)?.find(({ id }) => id === item.dataset.id);
    if (!message) return;
    event.preventDefault();
    const box = item.getBoundingClientRect();
    const at = event instanceof MouseEvent && event.clientX > 0 ? new DOMRect(event.clientX, event.clientY, 0, 0) : box;
    item.dispatchEvent(new CustomEvent('message-menu', { bubbles: true, composed: true, detail: { message, at } }));
  }

  protected override render() {
    const { channel } = store;
    const messages = store.history.messages.get(channel?.id ?? '') ?? [];
    const notes = store.interactions.notes.filter((note) => note.channel === channel?.id);
    return html`
      <div class="scroller" @scroll=${this.#scroll}>
        <div class="content">
          ${channel && !store.history.messages.has(channel.id) ? html`<easel-skeleton aria-hidden="true"></easel-skeleton>` : nothing}
          ${channel && store.history.whole.has(channel.id) ? html`<easel-greeting .channel=${channel}></easel-greeting>` : nothing}
          <ol aria-label=${t('list.messages', { channel: channel ? `${channel.guild_id ? '#' : ''}${channel.name}` : '' })}>
            ${repeat(
              messages,
              ({ id }) => id,
              (message, place) => html`
                ${newDay(messages[place - 1], message) ? dayLine(message) : nothing}
                <li
                  data-id=${message.id}
                  aria-label=${`${nameOf(message.author)}: ${summary(message)}`}
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
      <div class="unseen" aria-live="polite">${this.#announcements.text}</div>
    `;
  }
}

function dayLine({ timestamp }: APIMessage) {
  const date = new Date(timestamp).toLocaleDateString(store.locale, { dateStyle: 'long' });
  return html`<li class="day">${date}</li>`;
}
