import { css, html, LitElement, nothing } from 'lit';
import { customElement } from 'lit/decorators.js';
import { nameOf } from '../names.js';
import { store } from '../session.js';
import { Watch } from '../watch.js';
import './avatar.js';
import { t } from '../words.js';
import { shared } from './shared.js';

/** The server's members: first those who are online. */
@customElement('easel-members')
export class Members extends LitElement {
  static override styles = [
    shared,
    css`
      :host {
        display: block;
        width: 240px;
        padding: 16px 8px;
        background: var(--side);
      }
      h2 {
        margin: 8px;
        font-size: 12px;
        font-weight: 600;
        color: var(--muted);
      }
      ul {
        margin: 0;
        padding: 0;
        list-style: none;
      }
      li {
        display: flex;
        align-items: center;
        gap: 12px;
        min-height: 42px;
        padding: 2px 8px;
        font-weight: 500;
        color: var(--quiet);
      }
      .app {
        padding: 0 5px;
        border-radius: 4px;
        font-size: 10px;
        font-weight: 600;
        line-height: 15px;
        color: #fff;
        background: var(--accent);
      }
    `,
  ];

  constructor() {
    super();
    new Watch(this, store, () => [
      store.ready?.guilds,
      store.ready?.applications,
      store.ready?.online,
      store.place.guild,
    ]);
  }

  protected override render() {
    const members = store.guild?.members ?? [];
    const there = ({ user }: (typeof members)[number]) => store.isOnline(user);
    const list = (title: string, some: typeof members, presence: string) =>
      some.length === 0
        ? nothing
        : html`<h2>${title} — ${some.length}</h2>
            <ul>
              ${some.map(
                ({ user }) => html`<li>
                  <easel-avatar .user=${user} .size=${32} presence=${presence}></easel-avatar>${nameOf(user)}
                  ${user.bot ? html`<span class="app">${t('message.app')}</span>` : nothing}
                </li>`,
              )}
            </ul>`;
    return html`<aside aria-label=${t('members.members')}>
      ${list(t('members.online'), members.filter(there), 'online')}${list(
        t('members.offline'),
        members.filter((one) => !there(one)),
        'offline',
      )}
    </aside>`;
  }
}
