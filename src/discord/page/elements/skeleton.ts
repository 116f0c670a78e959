import { css, html, LitElement } from 'lit';
import { customElement } from 'lit/decorators.js';
import { shared } from './shared.js';

/** Placeholders for messages being loaded. */
@customElement('easel-skeleton')
export class Skeleton extends LitElement {
  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        gap: 24px;
        padding: 16px;
      }
      div {
        display: grid;
        grid-template-columns: 40px minmax(0, 1fr);
        gap: 8px 16px;
      }
      i {
        height: 16px;
        border-radius: 8px;
        background: var(--hover);
        border: 1px solid transparent;
      }
      i:first-child {
        grid-row: span 2;
        height: 40px;
        border-radius: 50%;
      }
      i:nth-child(2) {
        width: 120px;
      }
      i:nth-child(3) {
        max-width: 480px;
      }
    `,
  ];

  protected override render() {
    return Array.from({ length: 8 }, () => html`<div><i></i><i></i><i></i></div>`);
  }
}
