import { css, html, LitElement } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { store } from '../session.js';
import { absolute, relative } from '../when.js';

/** `<t:seconds:style>`; relative times update themselves. */
@customElement('easel-time')
export class Time extends LitElement {
  @property({ type: Number }) seconds = 0;
  @property() form = 'f';
  #timer = 0;

  static override styles = css`
    time {
      padding: 0 2px;
      border-radius: 3px;
      background: var(--hover);
    }
  `;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#timer = window.setInterval(() => this.form === 'R' && this.requestUpdate(), 1000);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#timer);
  }

  protected override render() {
    const date = new Date(this.seconds * 1000);
    const text =
      this.form === 'R'
        ? relative(this.seconds - Date.now() / 1000, store.locale)
        : absolute(date, this.form, store.locale);
    return html`<time datetime=${date.toISOString()} title=${absolute(date, 'F', store.locale)}>${text}</time>`;
  }
}
