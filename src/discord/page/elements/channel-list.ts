import { css, html, LitElement, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import type { PageChannel } from '../../page-protocol.js';
import { pathOf } from '../place.js';
import { store } from '../session.js';
import { Watch } from '../watch.js';
import './avatar.js';
import { icon } from './icon.js';
import './server-menu.js';
import { t } from '../words.js';
import { shared } from './shared.js';

/** The channels of the server, or the direct messages. */
@customElement('easel-channel-list')
export class ChannelList extends LitElement {
  static override styles = [
    shared,
    css`
      :host {
        display: flex;
        flex-direction: column;
        min-height: 0;
        flex: 1;
      }
      h2 {
        flex: none;
        height: 48px;
        margin: 0;
        padding: 12px 16px;
        font-size: 16px;
        line-height: 24px;
        font-weight: 600;
        color: var(--strong);
        border-bottom: 1px solid var(--rail);
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      h2:has(easel-server-menu) {
        padding: 0;
      }
      nav {
        display: flex;
        flex-direction: column;
        flex: 1;
        min-height: 0;
      }
      .scroll {
        flex: 1;
        min-height: 0;
        padding: 12px 8px;
      }
      h3 {
        margin: 4px 8px;
        font-size: 12px;
        font-weight: 600;
        color: var(--muted);
      }
      ul {
        margin: 0;
        padding: 0;
        list-style: none;
      }
      a {
        position: relative;
        display: flex;
        align-items: center;
        gap: 6px;
        min-height: 34px;
        margin: 1px 0;
        padding: 4px 8px;
        border-radius: 4px;
        font-weight: 500;
        color: var(--muted);
      }
      a:hover {
        color: var(--text);
        background: var(--hover);
        text-decoration: none;
      }
      a[aria-current='page'] {
        color: var(--strong);
        background: var(--selected);
      }
      .unread {
        color: var(--strong);
      }
      .unread::before {
        content: '';
        position: absolute;
        left: -8px;
        width: 4px;
        height: 8px;
        border-radius: 0 4px 4px 0;
        background: var(--strong);
      }
      .thread {
        margin-left: 24px;
      }
      span {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .direct {
        gap: 12px;
        min-height: 42px;
      }
      .age {
        margin-left: auto;
        padding: 0 4px;
        border-radius: 3px;
        font-size: 10px;
        font-weight: 700;
        color: #fff;
        background: var(--danger);
      }
    `,
  ];

  constructor() {
    super();
    new Watch(this, store, () => [...store.named, store.ready?.online, store.place.channel, [...store.unread].join()]);
  }

  /** To where the window is. */
  override focus(): void {
    this.renderRoot.querySelector<HTMLElement>('a[aria-current], a')?.focus();
  }

  protected override render() {
    const { guild } = store;
    const channels = guild ? guild.channels.filter(({ thread }) => !thread) : (store.ready?.directMessages ?? []);
    const threads = guild?.channels.filter(({ thread }) => thread) ?? [];
    return html`
      <nav aria-label=${t(guild ? 'channels.channels' : 'channels.direct')}>
        <h2>${guild?.manageable ? html`<easel-server-menu .guild=${guild}></easel-server-menu>` : (guild?.name ?? t('channels.direct'))}</h2>
        <div class="scroll">
        <h3>${t(guild ? 'channels.text' : 'channels.direct')}</h3>
        <ul>
          ${channels.map(
            (channel) => html`<li>${this.#link(channel)}</li>
              ${threads.filter(({ parent_id }) => parent_id === channel.id).map((thread) => html`<li class="thread">${this.#link(thread)}</li>`)}`,
          )}
        </ul>
        </div>
      </nav>
    `;
  }

  #link(channel: PageChannel) {
    const place = { guild: channel.guild_id, channel: channel.id, message: null };
    const here = store.place.channel === channel.id;
    const unread = store.unread.has(channel.id);
    const go = (event: MouseEvent) => {
      if (event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      store.go(place);
    };
    const online = channel.recipient && store.isOnline(channel.recipient);
    return html`<a
      href=${pathOf(place)}
      class="${unread ? 'unread' : ''} ${channel.recipient ? 'direct' : ''}"
      aria-current=${here ? 'page' : nothing}
      aria-label=${unread ? t('rail.unread', { name: channel.name }) : nothing}
      @click=${go}
    >
      ${
        channel.recipient
          ? html`<easel-avatar .user=${channel.recipient} .size=${32} presence=${online ? 'online' : 'offline'}></easel-avatar>`
          : icon(channel.thread ? 'thread' : 'hash')
      }
      <span>${channel.name}</span>
      ${channel.nsfw ? html`<span class="age" title=${t('channels.age')}>18+</span>` : nothing}
    </a>`;
  }
}
