import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { stickerUrl } from '../names.js';
import { nearest } from '../nearest.js';
import { store } from '../session.js';
import { Watch } from '../watch.js';
import { t } from '../words.js';
import { fields, shared } from './shared.js';

type Tab = 'Emoji' | 'Stickers';

const NAMES: Record<Tab, () => string> = { Emoji: () => t('emoji.emoji'), Stickers: () => t('emoji.stickers') };

/**
 * A panel of emojis, and of stickers if a message is being written. Fires `emoji` with the chosen one, a character or
 * name:id, or `sticker` with an id.
 */
@customElement('easel-emoji-picker')
export class EmojiPicker extends LitElement {
  @state() private words = '';
  @state() private tab: Tab = 'Emoji';
  @state() private stickers = false;
  @query('dialog') private dialog!: HTMLDialogElement;
  @query('input') private search!: HTMLInputElement | null;
  @query('easel-emoji-panel') private panel!: HTMLElement | null;

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
      [role='tablist'] {
        display: flex;
        gap: 4px;
        margin-bottom: 8px;
      }
      [role='tab'] {
        min-height: 28px;
        padding: 2px 10px;
        border-radius: 4px;
        font-weight: 600;
        color: var(--muted);
      }
      [role='tab']:hover,
      [role='tab'][aria-selected='true'] {
        color: var(--strong);
        background: var(--selected);
      }
      easel-emoji-panel {
        display: block;
        min-height: 340px;
      }
      .stickers {
        height: 296px;
        margin-top: 8px;
      }
      h3 {
        margin: 8px 0 4px;
        font-size: 12px;
        font-weight: 600;
        color: var(--muted);
      }
      .grid {
        display: grid;
        grid-template-columns: repeat(3, 1fr);
        gap: 8px;
      }
      .grid button {
        display: grid;
        place-items: center;
        aspect-ratio: 1;
        border-radius: 4px;
      }
      .grid button:hover,
      .grid button:focus-visible {
        background: var(--selected);
      }
      .grid button:focus-visible {
        outline-offset: -2px;
      }
      img {
        width: 88%;
        height: 88%;
        object-fit: contain;
      }
      p {
        margin: 24px 8px;
        text-align: center;
        font-size: 14px;
        color: var(--muted);
      }
    `,
  ];

  constructor() {
    super();
    new Watch(this, store, () => [store.ready?.guilds, store.place.guild]);
  }

  /**
   * @param at the element beside which it opens.
   * @param stickers whether stickers can be sent.
   */
  open(at: DOMRect, stickers = false): void {
    this.words = '';
    this.stickers = stickers;
    if (!stickers) this.tab = 'Emoji';
    // Large, so it is loaded now.
    void import('./emoji-panel.js').then(() => this.panel?.focus());
    void this.updateComplete.then(() => {
      this.dialog.showModal();
      const { offsetWidth: width, offsetHeight: height } = this.dialog;
      this.dialog.style.left = `${Math.max(8, Math.min(at.right - width, window.innerWidth - width - 8))}px`;
      // Below the button, unless it would cover it.
      const below = at.bottom + 4 + height < window.innerHeight;
      this.dialog.style.top = `${Math.max(8, below ? at.bottom + 4 : at.top - 4 - height)}px`;
      (this.panel ?? this.search)?.focus();
    });
  }

  #choose(kind: 'emoji' | 'sticker', detail: string): void {
    this.dialog.close();
    this.dispatchEvent(new CustomEvent(kind, { detail }));
  }

  #entries(): HTMLElement[] {
    return [...this.renderRoot.querySelectorAll<HTMLElement>('.grid button')];
  }

  #key(event: KeyboardEvent): void {
    const from = this.shadowRoot!.activeElement as HTMLElement;
    const to = nearest(from, this.#entries(), event.key);
    if (to === undefined) return;
    event.preventDefault();
    (to ?? this.search)?.focus();
  }

  #searchKey(event: KeyboardEvent): void {
    const [first] = this.#entries();
    if (event.key === 'ArrowDown') first?.focus();
    else if (event.key === 'Enter') first?.click();
    else return;
    event.preventDefault();
  }

  #tabKey(event: KeyboardEvent): void {
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
    event.preventDefault();
    this.tab = this.tab === 'Emoji' ? 'Stickers' : 'Emoji';
    void this.updateComplete.then(() =>
      this.renderRoot.querySelector<HTMLElement>('[role=tab][aria-selected=true]')?.focus(),
    );
  }

  protected override render() {
    const emoji = this.tab === 'Emoji';
    return html`
      <dialog aria-label=${t(emoji ? 'emoji.pick' : 'emoji.pickSticker')} @click=${(event: Event) => event.target === this.dialog && this.dialog.close()}>
        ${this.stickers ? this.#tabs() : nothing}
        <div id="panel" role=${this.stickers ? 'tabpanel' : 'group'} aria-label=${NAMES[this.tab]()}>
          ${emoji ? this.#emojiPanel() : this.#stickerPanel()}
        </div>
      </dialog>
    `;
  }

  #emojiPanel(): TemplateResult {
    return html`<easel-emoji-panel
      @emoji=${({ detail }: CustomEvent<string>) => this.#choose('emoji', detail)}
    ></easel-emoji-panel>`;
  }

  #tabs(): TemplateResult {
    return html`<div role="tablist" aria-label=${t('emoji.kinds')} @keydown=${this.#tabKey}>
      ${(['Emoji', 'Stickers'] as const).map(
        (tab) => html`<button
          role="tab"
          aria-selected=${tab === this.tab}
          aria-controls="panel"
          tabindex=${tab === this.tab ? 0 : -1}
          @click=${() => {
            this.tab = tab;
          }}
        >${NAMES[tab]()}</button>`,
      )}
    </div>`;
  }

  #stickerPanel(): TemplateResult {
    const { guild } = store;
    const all = guild?.stickers ?? [];
    const words = this.words.toLowerCase();
    const found = all.filter((one) => `${one.name} ${one.description} ${one.tags}`.toLowerCase().includes(words));
    const none = guild ? t('emoji.noStickersIn', { name: guild.name }) : t('emoji.noStickersHere');
    return html`
      <input
        class="field"
        aria-label=${t('emoji.findSticker')}
        placeholder=${t('emoji.search')}
        .value=${this.words}
        @input=${(event: InputEvent) => {
          this.words = (event.target as HTMLInputElement).value;
        }}
        @keydown=${this.#searchKey}
      />
      <div class="stickers scroll" @keydown=${this.#key}>
        ${
          found.length === 0
            ? html`<p>${all.length > 0 ? t('emoji.noSticker') : none}</p>`
            : html`<h3>${guild!.name}</h3>
                <div class="grid" role="group" aria-label=${guild!.name}>
                  ${found.map(
                    ({ id, name }) =>
                      html`<button aria-label=${name} title=${name} @click=${() => this.#choose('sticker', id)}><img src=${stickerUrl(id)} alt="" /></button>`,
                  )}
                </div>`
        }
      </div>
    `;
  }
}
