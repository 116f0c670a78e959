import { css, html, LitElement, nothing } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { store } from '../session.js';
import type { ShownPicture } from '../shown-picture.js';
import { Watch } from '../watch.js';
import { t } from '../words.js';
import { icon } from './icon.js';
import { shared } from './shared.js';

const MOST = 16;
/** Pixels that a finger moves to turn to another picture. */
const SWIPE = 60;

/**
 * One picture, to zoom (wheel, click, + - 0) and pan (drag, arrows), and the others that it is shown with: unless it is
 * zoomed, arrows and swiping turn to those. Fires `paint-mask`.
 */
@customElement('easel-lightbox')
export class Lightbox extends LitElement {
  @state() private pictures: readonly ShownPicture[] = [];
  @state() private index = 0;
  @state() private zoom = 1;
  @state() private at = { x: 0, y: 0 };
  /** The account may use /inpaint here. */
  @state() private canPaint = false;
  @query('dialog') private dialog!: HTMLDialogElement;
  #drag: { x: number; y: number; moved: boolean; from: number } | null = null;

  static override styles = [
    shared,
    css`
      dialog {
        position: fixed;
        inset: 0;
        width: 100vw;
        height: 100vh;
        max-width: none;
        max-height: none;
        margin: 0;
        padding: 0;
        border: 0;
        color: #fff;
        background: none;
        overflow: hidden;
      }
      dialog::backdrop {
        background: rgb(0 0 0 / 88%);
      }
      .stage {
        position: absolute;
        inset: 56px 0 64px;
        display: grid;
        place-items: center;
        overflow: hidden;
        touch-action: none;
      }
      img {
        max-width: 92vw;
        max-height: calc(100vh - 130px);
        width: auto;
        min-width: min(60vmin, 92vw);
        object-fit: contain;
        cursor: zoom-in;
        transform-origin: center;
      }
      .zoomed {
        cursor: grab;
      }
      .bar {
        position: absolute;
        top: 8px;
        right: 8px;
        display: flex;
        gap: 4px;
        padding: 4px;
        border-radius: 8px;
        background: rgb(20 20 22 / 85%);
      }
      .bar button,
      .bar a {
        display: flex;
        align-items: center;
        gap: 6px;
        min-width: 36px;
        height: 36px;
        padding: 0 8px;
        border-radius: 6px;
        color: #fff;
        font-size: 14px;
      }
      .bar button:hover,
      .bar a:hover {
        background: rgb(255 255 255 / 15%);
        text-decoration: none;
      }
      .turn {
        position: absolute;
        top: calc(50% - 24px);
        left: 8px;
        width: 48px;
        height: 48px;
        border-radius: 50%;
        font-size: 32px;
        line-height: 1;
        color: #fff;
        background: rgb(20 20 22 / 85%);
      }
      .turn.next {
        right: 8px;
        left: auto;
      }
      .turn:hover {
        background: rgb(70 70 74 / 90%);
      }
      .place {
        position: absolute;
        top: 8px;
        left: 8px;
        padding: 4px 12px;
        border-radius: 8px;
        line-height: 36px;
        background: rgb(20 20 22 / 85%);
      }
      @media (width < 640px) {
        .place {
          top: 60px;
        }
      }
      p {
        position: absolute;
        bottom: 8px;
        left: 50%;
        transform: translateX(-50%);
        max-width: 90vw;
        margin: 0;
        padding: 4px 12px;
        border-radius: 8px;
        text-align: center;
        background: rgb(20 20 22 / 85%);
      }
    `,
  ];

  constructor() {
    super();
    new Watch(this, store);
  }

  get #picture(): ShownPicture | undefined {
    return this.pictures[this.index];
  }

  /** @param index from 0: which of them is shown first. */
  async show(pictures: readonly ShownPicture[], index: number, canPaint: boolean): Promise<void> {
    this.pictures = pictures;
    this.index = index;
    this.canPaint = canPaint;
    this.#fit();
    await this.updateComplete;
    this.dialog.showModal();
  }

  async #again(picture: ShownPicture): Promise<void> {
    const url = await store.freshLinks.of(picture.url);
    if (url) this.pictures = this.pictures.map((one) => (one === picture ? { ...picture, url } : one));
  }

  /** Shows the next picture, or with -1 the previous one; after the last comes the first. */
  #turn(by: 1 | -1): void {
    const { length } = this.pictures;
    if (length < 2) return;
    this.index = (this.index + by + length) % length;
    this.#fit();
  }

  #fit(): void {
    this.zoom = 1;
    this.at = { x: 0, y: 0 };
  }

  #scale(by: number): void {
    this.zoom = Math.min(Math.max(this.zoom * by, 1), MOST);
    if (this.zoom === 1) this.#fit();
  }

  #move(x: number, y: number): void {
    if (this.zoom > 1) this.at = { x: this.at.x + x, y: this.at.y + y };
  }

  #key(event: KeyboardEvent): void {
    const step = 60;
    const keys: Record<string, () => void> = {
      '+': () => this.#scale(1.5),
      '=': () => this.#scale(1.5),
      '-': () => this.#scale(1 / 1.5),
      '0': () => this.#fit(),
      ArrowLeft: () => (this.zoom > 1 ? this.#move(step, 0) : this.#turn(-1)),
      ArrowRight: () => (this.zoom > 1 ? this.#move(-step, 0) : this.#turn(1)),
      PageUp: () => this.#turn(-1),
      PageDown: () => this.#turn(1),
      ArrowUp: () => this.#move(0, step),
      ArrowDown: () => this.#move(0, -step),
    };
    const run = keys[event.key];
    if (!run || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    run();
  }

  #down(event: PointerEvent): void {
    this.#drag = { x: event.clientX, y: event.clientY, moved: false, from: event.clientX };
    (event.currentTarget as HTMLElement).setPointerCapture(event.pointerId);
  }

  #dragged(event: PointerEvent): void {
    if (!this.#drag) return;
    const [x, y] = [event.clientX - this.#drag.x, event.clientY - this.#drag.y];
    if (!this.#drag.moved && Math.hypot(x, y) < 4) return;
    this.#drag = { ...this.#drag, x: event.clientX, y: event.clientY, moved: true };
    this.#move(x, y);
  }

  /** A click on the picture zooms, one beside it closes; swiping turns to the next picture. */
  #up(event: PointerEvent): void {
    const { moved = false, from = event.clientX } = this.#drag ?? {};
    this.#drag = null;
    const across = event.clientX - from;
    if (moved && this.zoom === 1 && Math.abs(across) > SWIPE) this.#turn(across < 0 ? 1 : -1);
    if (moved) return;
    const box = this.renderRoot.querySelector('img')!.getBoundingClientRect();
    const inside =
      event.clientX >= box.left &&
      event.clientX <= box.right &&
      event.clientY >= box.top &&
      event.clientY <= box.bottom;
    if (!inside) this.dialog.close();
    else if (this.zoom === 1) this.#scale(2.5);
    else this.#fit();
  }

  #paint(): void {
    this.dialog.close();
    this.dispatchEvent(new CustomEvent('paint-mask', { bubbles: true, composed: true, detail: this.#picture }));
  }

  protected override render() {
    const { pictures, zoom, at } = this;
    const picture = this.#picture;
    return html`<dialog aria-label=${t('picture.picture')} @keydown=${this.#key} @close=${() => {
      this.pictures = [];
    }}>
      ${
        picture
          ? html`
              <div
                class="stage"
                @wheel=${(event: WheelEvent) => this.#scale(event.deltaY < 0 ? 1.2 : 1 / 1.2)}
                @pointerdown=${this.#down}
                @pointermove=${this.#dragged}
                @pointerup=${this.#up}
              >
                <img
                  class=${zoom > 1 ? 'zoomed' : ''}
                  src=${picture.url}
                  alt=${picture.alt || picture.filename}
                  draggable="false"
                  @error=${() => this.#again(picture)}
                  style="transform:translate(${at.x}px,${at.y}px) scale(${zoom})"
                />
              </div>
              ${pictures.length > 1 ? this.#turning() : nothing}
              <div class="bar">
                ${this.canPaint ? html`<button @click=${this.#paint}>${icon('brush')} ${t('picture.inpaint')}</button>` : nothing}
                <button aria-label=${t('picture.zoomOut')} @click=${() => this.#scale(1 / 1.5)}>−</button>
                <button aria-label=${t('picture.zoomIn')} @click=${() => this.#scale(1.5)}>+</button>
                <a href=${picture.url} download=${picture.filename} aria-label=${t('picture.download')}>${icon('download')}</a>
                <a href=${picture.url} target="_blank" rel="noreferrer" aria-label=${t('picture.tab')}>${icon('external')}</a>
                <button aria-label=${t('picture.close')} @click=${() => this.dialog.close()}>${icon('close')}</button>
              </div>
              ${picture.alt ? html`<p>${picture.alt}</p>` : nothing}
            `
          : nothing
      }
    </dialog>`;
  }
  #turning() {
    const place = t('picture.place', { index: this.index + 1, count: this.pictures.length });
    return html`
      <button class="turn" aria-label=${t('picture.previous')} @click=${() => this.#turn(-1)}>‹</button>
      <button class="turn next" aria-label=${t('picture.next')} @click=${() => this.#turn(1)}>›</button>
      <div class="place" role="status">${place}</div>
    `;
  }
}
