import { css, html, LitElement, type PropertyValues } from 'lit';
import { customElement, property } from 'lit/decorators.js';

/** A thumbnail of a file to be sent. */
@customElement('easel-file-picture')
export class FilePicture extends LitElement {
  @property({ attribute: false }) file!: File;
  #url = '';

  static override styles = css`
    :host {
      display: block;
      flex: none;
      width: var(--size, 48px);
      height: var(--size, 48px);
    }
    img {
      width: 100%;
      height: 100%;
      object-fit: contain;
      border-radius: 4px;
    }
  `;

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('file')) return;
    URL.revokeObjectURL(this.#url);
    this.#url = URL.createObjectURL(this.file);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    URL.revokeObjectURL(this.#url);
  }

  protected override render() {
    return html`<img src=${this.#url} alt="" />`;
  }
}
