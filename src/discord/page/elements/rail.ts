import { css, html, LitElement } from 'lit';
import { customElement } from 'lit/decorators.js';
import { initialsOf } from '../names.js';
import { store } from '../session.js';
import { Watch } from '../watch.js';
import { t } from '../words.js';
import { icon } from './icon.js';
import { shared } from './shared.js';

/** Direct messages and servers, as round buttons from top to bottom. */
@customElement('easel-rail')
export class Rail extends LitElement {
  static override styles = [
    shared,
    css`
      :host {
        display: block;
        width: 72px;
        padding: 12px 0;
        background: var(--rail);
      }
      ul {
        display: grid;
        gap: 8px;
        margin: 0;
        padding: 0;
        list-style: none;
      }
      li {
        position: relative;
        display: grid;
        place-items: center;
      }
      button {
        display: grid;
        place-items: center;
        width: 48px;
        height: 48px;
        border-radius: 24px;
        font-weight: 500;
        color: var(--text);
        background: var(--main);
        transition: border-radius 0.15s;
        overflow: hidden;
      }
      button:hover,
      button[aria-current='true'] {
        border-radius: 16px;
        color: #fff;
        background: var(--accent);
      }
      .pip {
        position: absolute;
        left: 0;
        width: 4px;
        height: 0;
        border-radius: 0 4px 4px 0;
        background: var(--strong);
        transition: height 0.15s;
      }
      .unread {
        height: 8px;
      }
      li:hover .pip {
        height: 20px;
      }
      .here,
      li:hover .here {
        height: 40px;
      }
      li:first-child {
        padding-bottom: 10px;
      }
      li:first-child::after {
        content: '';
        position: absolute;
        bottom: 0;
        width: 32px;
        border-top: 2px solid var(--line);
      }
    `,
  ];

  constructor() {
    super();
    new Watch(this, store, () => [
      store.ready?.guilds,
      store.ready?.directMessages,
      store.place.guild,
      [...store.unread].join(),
    ]);
  }

  protected override render() {
    const guilds = store.ready?.guilds ?? [];
    const unread = (channels: readonly { id: string }[]) => channels.some(({ id }) => store.unread.has(id));
    const face = icon('chat', 26);
    return html`<nav aria-label=${t('rail.servers')}>
      <ul>
        ${this.#entry(null, t('channels.direct'), face, unread(store.ready?.directMessages ?? []))}
        ${guilds.map((guild) => this.#entry(guild.id, guild.name, initialsOf(guild.name), unread(guild.channels)))}
      </ul>
    </nav>`;
  }

  #entry(id: string | null, name: string, face: unknown, unread: boolean) {
    const here = store.place.guild === id;
    return html`<li>
      <span class="pip ${unread ? 'unread' : ''} ${here ? 'here' : ''}"></span>
      <button aria-label=${unread ? t('rail.unread', { name }) : name} aria-current=${here} title=${name} @click=${() => store.goTo(id)}>${face}</button>
    </li>`;
  }
}
