import type { APIMessage } from 'discord-api-types/v10';
import { html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { plainText } from '../markdown.js';
import { nameOf, stickerUrl } from '../names.js';
import { Flag } from '../numbers.js';
import { store } from '../session.js';
import { Watch } from '../watch.js';
import { sentAt } from '../when.js';
import './attachments.js';
import './avatar.js';
import './components.js';
import './embed.js';
import { icon } from './icon.js';
import { markdownStyles } from './markdown-styles.js';
import { markdown } from './markdown-view.js';
import { messageStyles } from './message-styles.js';
import './reactions.js';
import { pieces, t } from '../words.js';
import { shared } from './shared.js';

/** Milliseconds that an app has for a deferred answer (documentation, "Receiving and Responding"). */
const TOKEN_LIFETIME = 15 * 60 * 1000;

/** One message: author, time, what it replies to, text, pictures, embeds, components and reactions. */
@customElement('easel-message')
export class Message extends LitElement {
  @property({ attribute: false }) message!: APIMessage;
  /** Follows one by the same author: without avatar and name. */
  @property({ type: Boolean, reflect: true }) compact = false;
  #timer = 0;

  static override styles = [shared, markdownStyles, messageStyles];

  constructor() {
    super();
    new Watch(this, store, () => [
      ...store.named,
      store.interactions.failed.has(this.message.id),
      new Date().toDateString(),
    ]);
  }

  protected override updated(): void {
    clearTimeout(this.#timer);
    if (this.isConnected && this.#flag(Flag.Loading) && this.#left() > 0)
      this.#timer = window.setTimeout(() => this.requestUpdate(), this.#left());
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
  }

  #flag(bit: number): boolean {
    return ((this.message.flags ?? 0) & bit) !== 0;
  }

  #ask(name: string) {
    return (event: Event) => {
      const at = (event.currentTarget as HTMLElement).getBoundingClientRect();
      this.dispatchEvent(
        new CustomEvent(name, { bubbles: true, composed: true, detail: { message: this.message, at } }),
      );
    };
  }

  protected override render() {
    const { message, compact } = this;
    const ephemeral = this.#flag(Flag.Ephemeral);
    this.toggleAttribute('ephemeral', ephemeral);
    this.toggleAttribute('mentioned', message.mentions?.some(({ id }) => id === store.api.account) && !ephemeral);
    const time = new Date(message.timestamp);
    return html`
      ${compact ? nothing : this.#above()}
      <div class="row">
        ${
          compact
            ? html`<time class="side" datetime=${message.timestamp}>${time.toLocaleTimeString(store.locale, { timeStyle: 'short' })}</time>`
            : html`<easel-avatar class="side" .user=${message.author}></easel-avatar>`
        }
        <div class="body">
          ${compact ? nothing : this.#head(time)}
          ${this.#content()}
          ${message.reactions?.length ? html`<easel-reactions .message=${message}></easel-reactions>` : nothing}
          ${store.interactions.failed.has(message.id) ? html`<div class="failed" role="alert">${icon('warning', 14)} ${t('message.failed')}</div>` : nothing}
          ${ephemeral ? this.#onlyYou() : nothing}
        </div>
      </div>
      ${this.#toolbar(ephemeral)}
    `;
  }

  /** What it replies to: a command, or another message. */
  #above() {
    const { message } = this;
    const user = message.interaction_metadata?.user;
    const name = message.interaction?.name;
    if (user && name) {
      return html`<div class="above">
        <span class="spine"></span><easel-avatar .user=${user} .size=${16}></easel-avatar>
        <span class="used">${pieces('message.used', {
          user: html`<strong>${nameOf(user)}</strong>`,
          command: html`<span class="command">${icon('slash', 14)}${store.labelOf(name)}</span>`,
        })}</span>
      </div>`;
    }
    const answered = message.referenced_message;
    if (!answered && !message.message_reference) return nothing;
    const go = () => answered && store.go({ ...store.place, message: answered.id });
    return html`<div class="above">
      <span class="spine"></span>
      ${
        answered
          ? html`<easel-avatar .user=${answered.author} .size=${16}></easel-avatar>
              <strong>@${nameOf(answered.author)}</strong>
              <button class="answered" @click=${go}>${summary(answered)}</button>`
          : html`<em>${t('message.deleted')}</em>`
      }
    </div>`;
  }

  #head(time: Date) {
    const { author, timestamp } = this.message;
    const member = store.guild?.members.find(({ user }) => user.id === author.id);
    const colour = store.guild?.roles.find(({ id, color }) => color && member?.roles.includes(id))?.color;
    const style = colour ? `color:#${colour.toString(16).padStart(6, '0')}` : '';
    return html`<div class="head">
      <span class="name" style=${style}>${nameOf(author)}</span>
      ${author.bot ? html`<span class="app">${t('message.app')}</span>` : nothing}
      <time datetime=${timestamp}>${sentAt(time, new Date(), store.locale)}</time>
    </div>`;
  }

  #content() {
    const { message } = this;
    if (this.#flag(Flag.Loading)) {
      if (this.#left() <= 0) return html`<div class="failed">${icon('warning', 14)} ${t('app.noResponse')}</div>`;
      return html`<div class="thinking"><span class="dots"><i></i><i></i><i></i></span> ${t('message.thinking', { name: nameOf(message.author) })}</div>`;
    }
    const embedded = new Set(message.embeds.flatMap(({ image, thumbnail }) => [image?.url, thumbnail?.url]));
    const alone = this.#flag(Flag.ComponentsV2) ? [] : message.attachments.filter(({ url }) => !embedded.has(url));
    const edited = message.edited_timestamp
      ? html`<span class="edited" title=${new Date(message.edited_timestamp).toLocaleString(store.locale, { dateStyle: 'full', timeStyle: 'short' })}>${t('message.edited')}</span>`
      : nothing;
    return html`
      ${message.content ? html`<div class="text">${markdown(message.content)}${edited}</div>` : nothing}
      ${alone.length > 0 ? html`<easel-attachments .attachments=${alone}></easel-attachments>` : nothing}
      ${message.sticker_items?.map(({ id, name }) => html`<img class="sticker" src=${stickerUrl(id)} width="160" height="160" alt=${t('message.sticker', { name })} title=${name} />`)}
      ${message.embeds.map((embed) => html`<easel-embed .embed=${embed}></easel-embed>`)}
      ${message.components?.length ? html`<easel-components .message=${message}></easel-components>` : nothing}
    `;
  }

  /** Milliseconds that the app has left for its answer. */
  #left(): number {
    return Date.parse(this.message.timestamp) + TOKEN_LIFETIME - Date.now();
  }

  #onlyYou() {
    const { channel_id, id } = this.message;
    const dismiss = () => store.attempt(store.api.delete(channel_id, id));
    return html`<div class="only-you">
      ${icon('eye', 16)} ${t('message.onlyYou')} • <button @click=${dismiss}>${t('message.dismiss')}</button>
    </div>`;
  }

  /** For the mouse only: keyboard users have the same actions in the message's menu, and fewer tab stops. */
  #toolbar(ephemeral: boolean) {
    return html`<div class="toolbar" role="group" aria-label=${t('message.actions')}>
      ${
        ephemeral
          ? nothing
          : html`<button tabindex="-1" aria-label=${t('message.react')} title=${t('message.react')} @click=${this.#ask('pick-emoji')}>${icon('smile')}</button>
              <button tabindex="-1" aria-label=${t('message.reply')} title=${t('message.reply')} @click=${this.#ask('reply-to')}>${icon('reply')}</button>`
      }
      <button tabindex="-1" aria-label=${t('message.more')} title=${t('message.more')} aria-haspopup="menu" @click=${this.#ask('message-menu')}>${icon('more')}</button>
    </div>`;
  }
}

/** The message in one line, for replies and screen readers. */
export function summary(message: APIMessage): string {
  const text =
    plainText(message.content, (id) => nameOf(store.userOf(id))) ||
    message.embeds.map(({ title, description }) => title ?? description ?? '').join(' ');
  if (text) return text.slice(0, 120);
  const [sticker] = message.sticker_items ?? [];
  if (sticker) return t('message.sticker', { name: sticker.name });
  return message.attachments.length > 0 ? t('message.picture') : t('message.message');
}
