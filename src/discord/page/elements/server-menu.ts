import { css, html, LitElement } from 'lit';
import { customElement, property, query } from 'lit/decorators.js';
import type { PageGuild } from '../../page-protocol.js';
import { store } from '../session.js';
import { Watch } from '../watch.js';
import { t } from '../words.js';
import { icon } from './icon.js';
import { languageField, languageStyles } from './language-field.js';
import { fields, shared } from './shared.js';

/** The server's name, with the settings for its managers. */
@customElement('easel-server-menu')
export class ServerMenu extends LitElement {
  @property({ attribute: false }) guild!: PageGuild;
  @query('dialog') private dialog!: HTMLDialogElement;

  static override styles = [
    shared,
    fields,
    languageStyles,
    css`
      :host {
        display: block;
      }
      .name {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: 8px;
        width: 100%;
        min-height: 48px;
        padding: 12px 16px;
        text-align: left;
      }
      .name:hover {
        background: var(--hover);
      }
      .name:focus-visible {
        outline-offset: -2px;
      }
      .name span {
        overflow: hidden;
        text-overflow: ellipsis;
      }
      dialog {
        position: fixed;
        inset: 52px auto auto 80px;
        width: 224px;
        margin: 0;
        padding: 4px;
        border: 1px solid var(--line);
        border-radius: 8px;
        color: var(--text);
        background: var(--float);
        box-shadow: var(--shadow);
        white-space: normal;
      }
      dialog::backdrop {
        background: none;
      }
    `,
  ];

  constructor() {
    super();
    new Watch(this, store);
  }

  protected override render() {
    const { id, name, preferred_locale } = this.guild;
    return html`
      <button class="name" aria-haspopup="dialog" @click=${() => this.dialog.showModal()}>
        <span>${name}</span>${icon('down', 18)}
      </button>
      <dialog aria-label=${t('server.settings', { name })} @click=${(event: Event) => event.target === this.dialog && this.dialog.close()}>
        ${languageField(t('server.language'), preferred_locale, (locale) => void store.attempt(store.api.speakIn(id, locale)))}
      </dialog>
    `;
  }
}
