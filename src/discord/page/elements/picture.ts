import { css, html, LitElement, nothing, type PropertyValues } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { store } from '../session.js';
import { fitted, type ShownPicture } from '../shown-picture.js';
import { Watch } from '../watch.js';
import { t } from '../words.js';
import { shared } from './shared.js';

/**
 * A picture in a box that has its final size before it is loaded. When an edit brings another picture, the old one
 * stays until the new one is decoded.
 */
@customElement('easel-picture')
export class Picture extends LitElement {
  @property({ attribute: false }) picture!: ShownPicture;
  @property({ type: Number }) maxWidth = 550;
  @property({ type: Number }) maxHeight = 350;
  /** Fills its box and is cropped to it, in a gallery of several. */
  @property({ type: Boolean }) cover = false;
  @state() private shown = '';
  @state() private broken = false;
  @state() private revealed = false;

  static override styles = [
    shared,
    css`
      :host {
        display: block;
        max-width: 100%;
      }
      button {
        position: relative;
        display: block;
        max-width: 100%;
        border-radius: 8px;
        overflow: hidden;
        background: var(--card);
        cursor: zoom-in;
      }
      .cover {
        width: 100%;
        height: 100%;
      }
      img {
        display: block;
        width: 100%;
        height: 100%;
        object-fit: contain;
      }
      .cover img {
        object-fit: cover;
      }
      .veiled img {
        filter: blur(44px);
      }
      .veil {
        position: absolute;
        inset: 0;
        display: grid;
        place-items: center;
      }
      .veil span {
        padding: 8px 12px;
        border-radius: 20px;
        font-size: 15px;
        font-weight: 700;
        letter-spacing: 0.5px;
        color: #fff;
        background: rgb(0 0 0 / 75%);
      }
      .broken {
        position: absolute;
        inset: 0;
        display: grid;
        place-items: center;
        padding: 8px;
        font-size: 13px;
        color: var(--muted);
      }
    `,
  ];

  constructor() {
    super();
    new Watch(this, store);
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const before = changed.get('picture');
    if (changed.has('picture') && before?.url !== this.picture.url) void this.#load(this.picture.url);
  }

  async #load(url: string): Promise<void> {
    const image = new Image();
    image.src = url;
    const failed = await image.decode().then(
      () => false,
      () => true,
    );
    // With the new address, the message is rendered again.
    if (failed && (await store.freshLinks.of(url))) return;
    if (url !== this.picture.url) return;
    this.broken = failed;
    if (!failed) this.shown = url;
  }

  /** A spoiler that nobody has clicked yet. */
  get veiled(): boolean {
    return this.picture.spoiler && !this.revealed;
  }

  #click(): void {
    if (this.veiled) {
      this.revealed = true;
      return;
    }
    this.dispatchEvent(new CustomEvent('open-picture', { bubbles: true, composed: true, detail: this.picture }));
  }

  protected override render() {
    const { picture, cover, veiled } = this;
    const size = fitted(picture, this.maxWidth, this.maxHeight);
    const box = cover ? '' : `width:${size.width}px;aspect-ratio:${picture.width}/${picture.height}`;
    const label = veiled ? t('picture.spoiler') : t('picture.open', { name: picture.alt || picture.filename });
    return html`
      <button class="${veiled ? 'veiled' : ''} ${cover ? 'cover' : ''}" style=${box} aria-label=${label} @click=${this.#click}>
        ${this.shown ? html`<img src=${this.shown} alt=${veiled ? '' : picture.alt} draggable="false" />` : nothing}
        ${this.broken ? html`<span class="broken">${t('picture.gone')}</span>` : nothing}
        ${veiled ? html`<span class="veil"><span>${t('picture.veil')}</span></span>` : nothing}
      </button>
    `;
  }
}
