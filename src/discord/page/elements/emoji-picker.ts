import { css, html, LitElement, nothing } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { EMOJIS } from '../emojis.js';
import { store } from '../session.js';
import { fields, shared } from './shared.js';

const COLUMNS = 8;

/** A panel of emojis. Fires `emoji` with the chosen one: a character, or name:id. */
@customElement('easel-emoji-picker')
export class EmojiPicker extends LitElement {
  @state() private words = '';
  @query('dialog') private dialog!: HTMLDialogElement;

  static override styles = [
    shared,
    fields,
    css`
      dialog {
        position: fixed;
        margin: 0;
        width: 352px;
        max-width: 96vw;
        padding: 12px;
        border: 1px solid var(--line);
        border-radius: 8px;
        color: var(--text);
        background: var(--side);
        box-shadow: var(--shadow);
      }
      dialog::backdrop {
        background: none;
      }
      .grid {
        display: grid;
        grid-template-columns: repeat(8, 1fr);
        max-height: 240px;
        margin-top: 8px;
      }
      .grid button {
        display: grid;
        place-items: center;
        aspect-ratio: 1;
        border-radius: 4px;
        font-size: 24px;
      }
      .grid button:hover,
      .grid button:focus-visible {
        background: var(--selected);
      }
      img {
        width: 26px;
        height: 26px;
      }
    `,
  ];

  /** @param at what it opens beside. */
  open(at: DOMRect): void {
    this.words = '';
    this.dialog.showModal();
    const { offsetWidth: width, offsetHeight: height } = this.dialog;
    this.dialog.style.left = `${Math.max(8, Math.min(at.right - width, window.innerWidth - width - 8))}px`;
    this.dialog.style.top = `${Math.max(8, Math.min(at.bottom + 4, window.innerHeight - height - 8))}px`;
    this.renderRoot.querySelector('input')!.focus();
  }

  #choose(emoji: string): void {
    this.dialog.close();
    this.dispatchEvent(new CustomEvent('emoji', { detail: emoji }));
  }

  #key(event: KeyboardEvent): void {
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: COLUMNS, ArrowUp: -COLUMNS }[event.key];
    if (!step) return;
    const all = [...this.renderRoot.querySelectorAll<HTMLElement>('.grid button')];
    const next = all.indexOf(this.shadowRoot!.activeElement as HTMLElement) + step;
    event.preventDefault();
    if (next < 0) this.renderRoot.querySelector('input')!.focus();
    else all[Math.min(next, all.length - 1)]?.focus();
  }

  protected override render() {
    const words = this.words.toLowerCase();
    const custom = (store.guild?.emojis ?? []).filter(({ name }) => name.toLowerCase().includes(words));
    const found = EMOJIS.filter(([emoji, names]) => emoji === words || names.includes(words));
    const enter = (event: KeyboardEvent) => {
      if (event.key === 'ArrowDown') this.renderRoot.querySelector<HTMLElement>('.grid button')?.focus();
      if (event.key === 'Enter' && found[0]) this.#choose(found[0][0]);
    };
    return html`
      <dialog aria-label="Pick an emoji" @click=${(event: Event) => event.target === this.dialog && this.dialog.close()}>
        <input
          class="field"
          aria-label="Find an emoji"
          placeholder="Find the perfect emoji"
          .value=${this.words}
          @input=${(event: InputEvent) => {
            this.words = (event.target as HTMLInputElement).value;
          }}
          @keydown=${enter}
        />
        <div class="grid scroll" role="group" aria-label="Emojis" @keydown=${this.#key}>
          ${custom.map(
            ({ id, name, url }) =>
              html`<button aria-label=${name} @click=${() => this.#choose(`${name}:${id}`)}><img src=${url} alt="" /></button>`,
          )}
          ${found.map(([emoji, names]) => html`<button aria-label=${names} @click=${() => this.#choose(emoji)}>${emoji}</button>`)}
          ${custom.length + found.length === 0 ? html`<span>None</span>` : nothing}
        </div>
      </dialog>
    `;
  }
}
