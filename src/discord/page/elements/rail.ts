import { css, html, LitElement } from 'lit';
import { customElement } from 'lit/decorators.js';
import { initialsOf } from '../names.js';
import { store } from '../session.js';
import { Watch } from '../watch.js';
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
      hr {
        width: 32px;
        margin: 0 auto;
        border: 0;
        border-top: 2px solid var(--line);
      }
      svg {
        width: 28px;
      }
    `,
  ];

  constructor() {
    super();
    new Watch(this, store);
  }

  protected override render() {
    const guilds = store.ready?.guilds ?? [];
    const unread = (channels: readonly { id: string }[]) => channels.some(({ id }) => store.unread.has(id));
    const face = html`<svg viewBox="0 0 24 24" aria-hidden="true"><path fill="currentColor" d="M19.700 5.300A17 17 0 0 0 15.500 4l-.6 1.200a16 16 0 0 0-5.800 0L8.500 4c-1.500.2-2.900.7-4.200 1.300C1.600 9.200.9 13 1.200 16.800A17 17 0 0 0 6.400 19.500l1.200-1.900-1.800-.9.4-.3a12 12 0 0 0 11.600 0l.4.3-1.800.9 1.200 1.900a17 17 0 0 0 5.200-2.700c.4-4.400-.8-8.200-3.100-11.500ZM8.500 14.500c-1 0-1.900-1-1.900-2.100s.8-2.100 1.900-2.100 1.900 1 1.900 2.100-.8 2.100-1.900 2.100Zm7 0c-1 0-1.900-1-1.900-2.100s.8-2.100 1.900-2.100 1.900 1 1.900 2.100-.8 2.100-1.900 2.100Z"/></svg>`;
    return html`<nav aria-label="Servers">
      <ul>
        ${this.#entry(null, 'Direct Messages', face, unread(store.ready?.directMessages ?? []))}
        <li role="presentation"><hr /></li>
        ${guilds.map((guild) => this.#entry(guild.id, guild.name, initialsOf(guild.name), unread(guild.channels)))}
      </ul>
    </nav>`;
  }

  #entry(id: string | null, name: string, face: unknown, unread: boolean) {
    const here = store.place.guild === id;
    return html`<li>
      <span class="pip ${unread ? 'unread' : ''} ${here ? 'here' : ''}"></span>
      <button aria-label=${unread ? `${name}, unread` : name} aria-current=${here} title=${name} @click=${() => store.goTo(id)}>${face}</button>
    </li>`;
  }
}
