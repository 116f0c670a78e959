import { css, html, LitElement } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { nameOf } from '../names.js';
import { store } from '../session.js';
import type { Note as NoteData } from '../store.js';
import { icon } from './icon.js';
import { messageStyles } from './message-styles.js';
import { shared } from './shared.js';

/** A command on its way, or that it was not answered: seen by this window alone. */
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

  protected override render() {
    const { command, state, text } = this.note;
    return html`
      <div class="above">
        <span class="spine"></span>
        <strong>${nameOf(store.ready?.me.user)}</strong> used <span class="command">${icon('slash', 14)}${command}</span>
      </div>
      <div class="row">
        <span></span>
        <div>
          ${
            state === 'sending'
              ? html`<div class="thinking"><span class="dots"><i></i><i></i><i></i></span> Sending command…</div>`
              : html`<div class="gone" role="alert">${text}</div>
                  <div class="only-you">
                    ${icon('eye', 16)} Only you can see this •
                    <button @click=${() => store.dismissNote(this.note)}>Dismiss message</button>
                  </div>`
          }
        </div>
      </div>
    `;
  }
}
