import { css, html, LitElement } from 'lit';
import { customElement, state } from 'lit/decorators.js';
import { store } from '../session.js';
import { Watch } from '../watch.js';
import { t } from '../words.js';
import { shared } from './shared.js';

/** Text that is hidden until it is clicked. */
@customElement('easel-spoiler-text')
export class SpoilerText extends LitElement {
  @state() private shown = false;

  static override styles = [
    shared,
    css`
      button,
      span {
        border-radius: 4px;
        background: var(--spoiler);
        text-align: inherit;
      }
      span {
        background: var(--hover);
      }
      .hidden {
        visibility: hidden;
      }
    `,
  ];

  constructor() {
    super();
    new Watch(this, store);
  }

  protected override render() {
    if (this.shown) return html`<span><slot></slot></span>`;
    const show = () => {
      this.shown = true;
    };
    return html`<button aria-label=${t('spoiler.text')} @click=${show}><span class="hidden"><slot></slot></span></button>`;
  }
}
