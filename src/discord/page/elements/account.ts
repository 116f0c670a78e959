import { css, html, LitElement, nothing } from 'lit';
import { customElement, query } from 'lit/decorators.js';
import { nameOf } from '../names.js';
import { store } from '../session.js';
import { applyTheme, theme } from '../theme.js';
import { Watch } from '../watch.js';
import './avatar.js';
import { t } from '../words.js';
import { icon } from './icon.js';
import { languageField, languageStyles } from './language-field.js';
import { fields, shared } from './shared.js';

/** The account of this window, and a dialog to switch. */
@customElement('easel-account')
export class Account extends LitElement {
  @query('dialog') private dialog!: HTMLDialogElement;

  static override styles = [
    shared,
    fields,
    languageStyles,
    css`
      :host {
        display: flex;
        align-items: center;
        gap: 4px;
        min-height: 52px;
        padding: 6px 8px;
        background: var(--side-low);
        --around: var(--side-low);
      }
      .me {
        display: flex;
        flex: 1;
        align-items: center;
        gap: 8px;
        min-width: 0;
        padding: 2px 4px;
        border-radius: 4px;
        text-align: left;
      }
      .me:hover,
      .tool:hover {
        background: var(--hover);
      }
      .who {
        min-width: 0;
        font-size: 14px;
        line-height: 18px;
      }
      .who > * {
        display: block;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      strong {
        color: var(--strong);
        font-weight: 600;
      }
      small {
        font-size: 12px;
        color: var(--muted);
      }
      .tool {
        display: grid;
        place-items: center;
        width: 32px;
        height: 32px;
        border-radius: 4px;
        color: var(--quiet);
      }
      dialog {
        position: fixed;
        inset: auto auto 60px 8px;
        margin: 0;
        width: 300px;
        max-width: 94vw;
        padding: 8px;
        border: 1px solid var(--line);
        border-radius: 8px;
        color: var(--text);
        background: var(--float);
        box-shadow: var(--shadow);
        --around: var(--float);
      }
      dialog::backdrop {
        background: none;
      }
      h2 {
        margin: 4px 8px 8px;
        font-size: 12px;
        color: var(--muted);
      }
      .choice {
        display: flex;
        align-items: center;
        gap: 4px;
      }
      .choice .me[aria-current='true'] {
        background: var(--selected);
      }
    `,
  ];

  constructor() {
    super();
    new Watch(this, store, () => [store.ready, store.online, store.api]);
  }

  #become(id: string): void {
    this.dialog.close();
    if (id === store.api.account) return;
    const name = nameOf(store.ready?.accounts.find(({ user }) => user.id === id)?.user);
    store.become(id);
    store.tell(t('account.now', { name }));
  }

  protected override render() {
    const { ready } = store;
    const dark = theme() === 'dark';
    const flip = () => {
      applyTheme(dark ? 'light' : 'dark');
      this.requestUpdate();
    };
    return html`
      ${
        ready
          ? html`<button class="me" aria-haspopup="dialog" aria-label=${t('account.switchNow', { name: nameOf(ready.me.user) })} @click=${() => this.dialog.showModal()}>
              <easel-avatar .user=${ready.me.user} .size=${32} presence=${store.online ? 'online' : 'offline'}></easel-avatar>
              <span class="who"><strong>${nameOf(ready.me.user)}</strong><small>${t(ready.me.administrator ? 'account.administrator' : 'account.member')}</small></span>
            </button>`
          : html`<span class="me">${t('account.connecting')}</span>`
      }
      <button class="tool" aria-label=${t('account.switch')} title=${t('account.switch')} @click=${() => this.dialog.showModal()}>${icon('swap')}</button>
      <button class="tool" aria-label=${t(dark ? 'account.light' : 'account.dark')} title=${t(dark ? 'account.light' : 'account.dark')} @click=${flip}>${icon(dark ? 'sun' : 'moon')}</button>
      <dialog aria-label=${t('account.switch')} @click=${(event: Event) => event.target === this.dialog && this.dialog.close()}>
        <h2>${t('account.switch')}</h2>
        ${ready?.accounts.map(
          ({ user, administrator }) => html`<div class="choice">
            <button class="me" aria-current=${user.id === ready.me.user.id} @click=${() => this.#become(user.id)}>
              <easel-avatar .user=${user} .size=${32}></easel-avatar>
              <span class="who"><strong>${nameOf(user)}</strong><small>${t(administrator ? 'account.administrator' : 'account.member')}</small></span>
            </button>
            <a class="tool" href="${location.pathname}?as=${user.id}" target="_blank" aria-label=${t('account.window', { name: nameOf(user) })} title=${t('account.windowShort')}>${icon('external')}</a>
          </div>`,
        )}
        ${ready ? languageField(t('account.language'), ready.me.locale, (locale) => void store.attempt(store.api.speak(locale))) : nothing}
      </dialog>
    `;
  }
}
