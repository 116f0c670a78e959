import { css, html, LitElement } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Note as NoteData } from '../interactions.js';
import { nameOf } from '../names.js';
import { store } from '../session.js';
import { Watch } from '../watch.js';
import { pieces, t } from '../words.js';
import { icon } from './icon.js';
import { messageStyles } from './message-styles.js';
import { shared } from './shared.js';

/** A command being sent, or one without an answer; only this window sees it. */
@customElement('easel-note')
export class Note extends LitElement {
  @property({ attribute: false }) note!: NoteData;

  static override styles = [
    shared,
    messageStyles,
    css`
      .gone {
        color: var(--danger-text);
      }
    `,
  ];

  constructor() {
    super();
    new Watch(this, store);
  }

  protected override render() {
    const { command, state, text } = this.note;
    return html`
      <div class="above">
        <span class="spine"></span>
        <span class="used">${pieces('message.used', {
          user: html`<strong>${nameOf(store.ready?.me.user)}</strong>`,
          command: html`<span class="command">${icon('slash', 14)}${command}</span>`,
        })}</span>
      </div>
      <div class="row">
        <span></span>
        <div>
          ${
            state === 'sending'
              ? html`<div class="thinking"><span class="dots"><i></i><i></i><i></i></span> ${t('message.sending')}</div>`
              : html`<div class="gone" role="alert">${text}</div>
                  <div class="only-you">
                    ${icon('eye', 16)} ${t('message.onlyYou')} •
                    <button @click=${() => store.interactions.dismiss(this.note)}>${t('message.dismiss')}</button>
                  </div>`
          }
        </div>
      </div>
    `;
  }
}
