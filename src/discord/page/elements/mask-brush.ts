import { css, html, LitElement } from 'lit';
import { customElement, query, state } from 'lit/decorators.js';
import { store } from '../session.js';
import { Watch } from '../watch.js';
import { t } from '../words.js';
import { icon } from './icon.js';
import { shared } from './shared.js';

/** A picture and the mask painted on it, both as files for /inpaint. */
export interface Masked {
  image: File;
  mask: File;
}

/** Colour of the mask on screen; in the file it is white on black. */
const PAINT = '#ff3b6b';

/** Paints the area that /inpaint is to repaint: with the pointer, or with arrows and the space bar. */
@customElement('easel-mask-brush')
export class MaskBrush extends LitElement {
  @state() private size = 24;
  @state() private erasing = false;
  @state() private empty = true;
  @query('dialog') private dialog!: HTMLDialogElement;
  @query('canvas') private canvas!: HTMLCanvasElement;
  #image: File | null = null;
  #url = '';
  #bitmap: ImageBitmap | null = null;
  #last: { x: number; y: number } | null = null;
  #cursor = { x: 0, y: 0 };
  readonly #undo: ImageData[] = [];
  #done: (masked: Masked | null) => void = () => {};

  static override styles = [
    shared,
    css`
      dialog {
        max-width: 96vw;
        max-height: 96vh;
        padding: 16px;
        border: 0;
        border-radius: 8px;
        color: var(--text);
        background: var(--main);
        box-shadow: var(--shadow);
      }
      dialog::backdrop {
        background: rgb(0 0 0 / 70%);
      }
      h2 {
        margin: 0 0 4px;
        font-size: 20px;
        color: var(--strong);
      }
      p {
        margin: 0 0 12px;
        color: var(--quiet);
        font-size: 14px;
      }
      .stage {
        position: relative;
        margin: 0 auto;
        width: min(512px, 90vw, 60vh);
        touch-action: none;
        user-select: none;
      }
      .stage img,
      canvas {
        display: block;
        width: 100%;
        border-radius: 4px;
      }
      canvas {
        position: absolute;
        inset: 0;
        height: 100%;
        opacity: 0.6;
        cursor: crosshair;
      }
      .tip {
        position: absolute;
        border: 2px solid #fff;
        border-radius: 50%;
        outline: 1px solid #000;
        transform: translate(-50%, -50%);
        pointer-events: none;
      }
      .tools,
      footer {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 8px;
        margin-top: 12px;
      }
      footer {
        justify-content: flex-end;
      }
      .tools label {
        display: flex;
        align-items: center;
        gap: 8px;
        font-size: 14px;
      }
      [aria-pressed='true'] {
        background: var(--accent);
      }
    `,
  ];

  constructor() {
    super();
    new Watch(this, store);
  }

  /** Resolves with the files, or null if it is closed. */
  async paint(image: File): Promise<Masked | null> {
    this.#image = image;
    this.#url = URL.createObjectURL(image);
    this.#bitmap = await createImageBitmap(image);
    this.#undo.length = 0;
    this.empty = true;
    this.erasing = false;
    this.requestUpdate();
    await this.updateComplete;
    const { width, height } = this.#bitmap;
    Object.assign(this.canvas, { width, height });
    this.size = Math.max(4, Math.round(Math.min(width, height) / 8));
    this.#cursor = { x: width / 2, y: height / 2 };
    this.dialog.showModal();
    this.canvas.focus();
    return new Promise((resolve) => {
      this.#done = resolve;
    });
  }

  get #context(): CanvasRenderingContext2D {
    return this.canvas.getContext('2d', { willReadFrequently: true })!;
  }

  #remember(): void {
    this.#undo.push(this.#context.getImageData(0, 0, this.canvas.width, this.canvas.height));
    if (this.#undo.length > 30) this.#undo.shift();
  }

  #point(event: PointerEvent): { x: number; y: number } {
    const box = this.canvas.getBoundingClientRect();
    return {
      x: ((event.clientX - box.left) / box.width) * this.canvas.width,
      y: ((event.clientY - box.top) / box.height) * this.canvas.height,
    };
  }

  #stroke(to: { x: number; y: number }): void {
    const from = this.#last ?? to;
    const context = this.#context;
    context.globalCompositeOperation = this.erasing ? 'destination-out' : 'source-over';
    context.strokeStyle = PAINT;
    context.lineWidth = this.size;
    context.lineCap = 'round';
    context.lineJoin = 'round';
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.lineTo(to.x + 0.01, to.y);
    context.stroke();
    this.#last = to;
    this.#look();
  }

  #look(): void {
    const { data } = this.#context.getImageData(0, 0, this.canvas.width, this.canvas.height);
    this.empty = !data.some((value, at) => at % 4 === 3 && value > 127);
  }

  #down(event: PointerEvent): void {
    this.canvas.setPointerCapture(event.pointerId);
    this.#remember();
    this.#last = null;
    this.#stroke(this.#point(event));
  }

  #move(event: PointerEvent): void {
    this.#cursor = this.#point(event);
    if (this.#last) this.#stroke(this.#cursor);
    this.requestUpdate();
  }

  #key(event: KeyboardEvent): void {
    const step = Math.max(1, this.size / 4);
    const { width, height } = this.canvas;
    const moves: Record<string, [number, number]> = {
      ArrowLeft: [-step, 0],
      ArrowRight: [step, 0],
      ArrowUp: [0, -step],
      ArrowDown: [0, step],
    };
    const move = moves[event.key];
    if (move) {
      this.#cursor = {
        x: Math.min(Math.max(this.#cursor.x + move[0], 0), width),
        y: Math.min(Math.max(this.#cursor.y + move[1], 0), height),
      };
    } else if (event.key === ' ') {
      this.#remember();
      this.#last = null;
      this.#stroke(this.#cursor);
      this.#last = null;
    } else if (event.key === '[' || event.key === ']') {
      this.size = Math.max(2, Math.round(this.size * (event.key === '[' ? 0.8 : 1.25)));
    } else if (event.key === 'e') this.erasing = !this.erasing;
    else if (event.key === 'z') this.#back();
    else return;
    event.preventDefault();
    this.requestUpdate();
  }

  #back(): void {
    const before = this.#undo.pop();
    if (!before) return;
    this.#context.putImageData(before, 0, 0);
    this.#look();
  }

  #clear(): void {
    this.#remember();
    this.#context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.#look();
  }

  #invert(): void {
    this.#remember();
    const image = this.#context.getImageData(0, 0, this.canvas.width, this.canvas.height);
    const [red, green, blue] = [0xff, 0x3b, 0x6b];
    for (let at = 0; at < image.data.length; at += 4) {
      image.data.set([red, green, blue, image.data[at + 3]! > 127 ? 0 : 255], at);
    }
    this.#context.putImageData(image, 0, 0);
    this.#look();
  }

  /** White where it was painted, black elsewhere. */
  async #mask(): Promise<File> {
    const { width, height } = this.canvas;
    const image = this.#context.getImageData(0, 0, width, height);
    for (let at = 0; at < image.data.length; at += 4) {
      const value = image.data[at + 3]! > 127 ? 255 : 0;
      image.data.set([value, value, value, 255], at);
    }
    const canvas = new OffscreenCanvas(width, height);
    canvas.getContext('2d')!.putImageData(image, 0, 0);
    return new File([await canvas.convertToBlob({ type: 'image/png' })], 'mask.png', { type: 'image/png' });
  }

  #close(): void {
    URL.revokeObjectURL(this.#url);
    this.#done(null);
  }

  async #use(): Promise<void> {
    this.#done({ image: this.#image!, mask: await this.#mask() });
    this.dialog.close();
  }

  protected override render() {
    const { width = 1, height = 1 } = this.#bitmap ?? {};
    const tip = `left:${(this.#cursor.x / width) * 100}%;top:${(this.#cursor.y / height) * 100}%;width:${(this.size / width) * 100}%;aspect-ratio:1`;
    return html`<dialog aria-labelledby="title" @close=${this.#close}>
      <h2 id="title">${t('form.mask')}</h2>
      <p>${t('mask.about')}</p>
      <div class="stage">
        <img src=${this.#url} alt=${t('mask.picture')} draggable="false" />
        <canvas
          tabindex="0"
          role="application"
          aria-label=${t('mask.canvas')}
          @pointerdown=${this.#down}
          @pointermove=${this.#move}
          @pointerup=${() => {
            this.#last = null;
          }}
          @keydown=${this.#key}
        ></canvas>
        <span class="tip" style=${tip}></span>
      </div>
      <div class="tools">
        <label>${t('mask.brush')} <input type="range" min="2" max=${Math.round(Math.min(width, height) / 2)} .value=${String(this.size)} @input=${(
          event: Event,
        ) => {
          this.size = Number((event.target as HTMLInputElement).value);
        }} /></label>
        <button class="action" aria-pressed=${this.erasing} @click=${() => {
          this.erasing = !this.erasing;
        }}>${t('mask.eraser')}</button>
        <button class="action" aria-label=${t('mask.undo')} @click=${this.#back}>${icon('undo', 16)}</button>
        <button class="action" @click=${this.#invert}>${t('mask.invert')}</button>
        <button class="action" @click=${this.#clear}>${t('mask.clear')}</button>
      </div>
      <footer>
        <button class="action plain" @click=${() => this.dialog.close()}>${t('modal.cancel')}</button>
        <button class="action primary" ?disabled=${this.empty} @click=${this.#use}>${t('mask.use')}</button>
      </footer>
    </dialog>`;
  }
}
