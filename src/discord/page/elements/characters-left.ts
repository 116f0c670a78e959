import { css, html, LitElement, nothing, type PropertyValues } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { t } from '../words.js';
import { shared } from './shared.js';

/** Characters from the limit at which the countdown starts. */
const COUNTED = 200;
/** Milliseconds of pause in typing before screen readers announce it. */
const PAUSE = 1000;

/** How many characters of a message are left, once there are few; negative if there are too many. */
@customElement('easel-characters-left')
export class CharactersLeft extends LitElement {
  @property({ type: Number }) left = Number.POSITIVE_INFINITY;
  @state() private told = '';
  #timer = 0;

  static override styles = [
    shared,
    css`
      :host {
        font-size: 14px;
        color: var(--quiet);
      }
      .count {
        display: block;
        padding: 8px 0;
        font-variant-numeric: tabular-nums;
      }
      .over {
        font-weight: 600;
        color: var(--danger-text);
      }
    `,
  ];

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('left')) return;
    clearTimeout(this.#timer);
    if (this.left > COUNTED) this.told = '';
    else
      this.#timer = window.setTimeout(() => {
        this.told = t(this.left < 0 ? 'composer.over' : 'composer.left', { count: Math.abs(this.left) });
      }, PAUSE);
  }

  protected override render() {
    const { left } = this;
    return html`
      ${left > COUNTED ? nothing : html`<span class="count ${left < 0 ? 'over' : ''}" aria-hidden="true">${left}</span>`}
      <span class="unseen" role="status">${this.told}</span>
    `;
  }
}
