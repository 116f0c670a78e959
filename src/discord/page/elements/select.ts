import { css, html, LitElement, nothing, type PropertyValues } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { store } from '../session.js';
import { Watch } from '../watch.js';
import { t } from '../words.js';
import { icon } from './icon.js';
import { glyph } from './markdown-view.js';
import { shared } from './shared.js';

export interface Choice {
  label: string;
  value: string;
  description?: string | undefined;
  emoji?: { id?: string | null; name?: string | null } | undefined;
}

/** How many options Page Up and Page Down move by. */
const PAGE = 6;
/** Pixels that an open list needs above or below, including the message box or the header. */
const ROOM = 340;

/** A select menu for one or several values: a button with a listbox. Fires `pick` with the values. */
@customElement('easel-select')
export class Select extends LitElement {
  @property({ attribute: false }) choices: readonly Choice[] = [];
  /** The initial values, which also apply when another list is set. */
  @property({ attribute: false }) chosen: readonly string[] = [];
  @property() label = '';
  @property() placeholder = t('select.placeholder');
  @property({ type: Number }) least = 1;
  @property({ type: Number }) most = 1;
  @property({ type: Boolean }) disabled = false;
  /** The app has not yet answered the last choice. */
  @property({ type: Boolean }) waiting = false;
  @state() private picked: readonly string[] = [];
  @state() private open = false;
  @state() private active = 0;
  @query('[role=combobox]') private box!: HTMLElement;

  static override styles = [
    shared,
    css`
      :host {
        position: relative;
        display: block;
        width: min(400px, 100%);
      }
      [role='combobox'] {
        display: flex;
        align-items: center;
        justify-content: space-between;
        width: 100%;
        min-height: 40px;
        padding: 4px 8px 4px 12px;
        border-radius: 4px;
        text-align: left;
        font-size: 14px;
        background: var(--rail);
      }
      .empty {
        color: var(--muted);
      }
      [role='listbox'] {
        position: absolute;
        z-index: 5;
        top: 100%;
        left: 0;
        right: 0;
        max-height: 280px;
        margin: 4px 0 0;
        padding: 0;
        list-style: none;
        border-radius: 4px;
        background: var(--side);
        border: 1px solid var(--line);
        box-shadow: var(--shadow);
      }
      .above {
        top: auto !important;
        bottom: calc(100% + 4px);
      }
      li {
        display: grid;
        grid-template-columns: auto 1fr auto;
        padding: 8px 12px;
        font-size: 14px;
        cursor: pointer;
      }
      li.active {
        background: var(--hover);
      }
      li[aria-selected='true'] {
        color: var(--strong);
        background: var(--selected);
      }
      small {
        grid-column: 2;
        font-size: 12px;
        color: var(--muted);
      }
      [role='combobox']:disabled {
        opacity: 0.5;
      }
      [aria-busy='true'] {
        cursor: progress;
        opacity: 0.7;
      }
      li > span:first-child:not(:empty) {
        padding-right: 8px;
      }
      li > span:nth-child(2) {
        overflow-wrap: anywhere;
      }
      .emoji {
        width: 20px;
        height: 20px;
        object-fit: contain;
      }
      [role='combobox'] span {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      @media (pointer: coarse) {
        li {
          padding-block: 12px;
        }
      }
      .none {
        padding: 12px;
        color: var(--muted);
      }
    `,
  ];

  /** The values when it was opened. */
  #before: readonly string[] = [];

  protected override willUpdate(changed: PropertyValues): void {
    if (changed.has('chosen')) this.picked = this.chosen;
  }

  protected override updated(changed: PropertyValues): void {
    if (this.open && (changed.has('open') || changed.has('active')))
      this.renderRoot.querySelector('.active')?.scrollIntoView({ block: 'nearest' });
  }

  #toggle(open = !this.open): void {
    if (this.disabled || this.waiting) return;
    const closing = this.open && !open;
    this.open = open;
    if (open) {
      this.#before = this.picked;
      this.active = Math.max(
        0,
        this.choices.findIndex(({ value }) => this.picked.includes(value)),
      );
    }
    if (closing && this.most > 1 && this.picked !== this.#before) this.#tell();
  }

  #tell(): void {
    if (this.picked.length < this.least) return;
    this.dispatchEvent(new CustomEvent('pick', { detail: [...this.picked] }));
  }

  #choose(choice: Choice | undefined): void {
    if (!choice) return;
    const without = this.picked.filter((value) => value !== choice.value);
    if (this.most === 1) {
      // Picking the selected option again clears it, if none is required.
      const same = without.length < this.picked.length && this.least === 0;
      this.picked = same ? [] : [choice.value];
      this.open = false;
      this.box.focus();
      this.#tell();
    } else if (without.length < this.picked.length) this.picked = without;
    else if (this.picked.length < this.most) this.picked = [...this.picked, choice.value];
  }

  #key(event: KeyboardEvent): void {
    const { key } = event;
    if (!this.open) {
      if (!['ArrowDown', 'ArrowUp', 'Enter', ' '].includes(key)) return;
      event.preventDefault();
      this.#toggle(true);
      return;
    }
    const last = this.choices.length - 1;
    const { active } = this;
    const moved = {
      ArrowDown: active + 1,
      ArrowUp: active - 1,
      PageDown: active + PAGE,
      PageUp: active - PAGE,
      Home: 0,
      End: last,
    }[key];
    if (moved !== undefined) this.active = Math.min(Math.max(moved, 0), last);
    else if (key === 'Enter' || key === ' ') this.#choose(this.choices[this.active]);
    else if (key === 'Escape') this.#toggle(false);
    else if (key.length === 1) {
      // The next option that starts with the key, wrapping around.
      const starts = ({ label }: Choice) => label.toLowerCase().startsWith(key.toLowerCase());
      const found = [...this.choices.slice(active + 1), ...this.choices.slice(0, active + 1)].find(starts);
      if (found) this.active = this.choices.indexOf(found);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #blur(event: FocusEvent): void {
    if (!this.renderRoot.contains(event.relatedTarget as Node | null)) this.#toggle(false);
  }

  constructor() {
    super();
    new Watch(this, store);
  }

  protected override render() {
    const chosen = this.choices.filter(({ value }) => this.picked.includes(value));
    const text = chosen.map(({ label }) => label).join(', ');
    const box = this.getBoundingClientRect();
    const low = this.open && box.bottom > window.innerHeight - ROOM && box.top > ROOM;
    return html`
      <button
        type="button"
        role="combobox"
        aria-haspopup="listbox"
        aria-expanded=${this.open}
        aria-busy=${this.waiting}
        aria-controls="list"
        aria-label=${text ? `${this.label || this.placeholder}: ${text}` : this.label || this.placeholder}
        aria-activedescendant=${this.open ? `choice-${this.active}` : ''}
        ?disabled=${this.disabled}
        @click=${() => this.#toggle()}
        @keydown=${this.#key}
        @blur=${this.#blur}
      >
        <span class=${text ? '' : 'empty'}>${text || this.placeholder}</span>${icon('down', 18)}
      </button>
      <ul
        id="list"
        role="listbox"
        class="scroll ${low ? 'above' : ''}"
        aria-label=${this.label || this.placeholder}
        aria-multiselectable=${this.most > 1}
        ?hidden=${!this.open}
        @mousedown=${(event: Event) => event.preventDefault()}
      >
        ${this.open ? this.choices.map((choice, place) => this.#choice(choice, place)) : nothing}
        ${this.open && this.choices.length === 0 ? html`<li class="none" role="option" aria-disabled="true" aria-selected="false">${t('select.nothing')}</li>` : nothing}
      </ul>
    `;
  }

  #choice(choice: Choice, place: number) {
    const selected = this.picked.includes(choice.value);
    return html`
      <li
        id="choice-${place}"
        role="option"
        aria-selected=${selected}
        class=${place === this.active ? 'active' : ''}
        @click=${() => this.#choose(choice)}
        @pointermove=${() => {
          this.active = place;
        }}
      >
        <span>${glyph(choice.emoji)}</span><span>${choice.label}</span>${selected ? icon('check', 18) : html`<span></span>`}
        ${choice.description ? html`<small>${choice.description}</small>` : nothing}
      </li>
    `;
  }
}
