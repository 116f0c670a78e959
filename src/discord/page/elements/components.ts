import type { APIAttachment, APIMessage } from 'discord-api-types/v10';
import { css, html, LitElement, nothing, type TemplateResult } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { choicesOf } from '../choices.js';
import { Component } from '../numbers.js';
import { localPath, placeOf } from '../place.js';
import { store } from '../session.js';
import { Watch } from '../watch.js';
import { shownPicture } from './attachments.js';
import { markdownStyles } from './markdown-styles.js';
import { glyph, markdown } from './markdown-view.js';
import './picture.js';
import './select.js';
import { type Key, t } from '../words.js';
import { icon } from './icon.js';
import { dots, shared } from './shared.js';

/** A component of either version, as far as it is shown here. */
interface Node {
  type: number;
  custom_id?: string;
  style?: number;
  label?: string;
  url?: string;
  disabled?: boolean;
  emoji?: { id?: string | null; name?: string | null };
  content?: string;
  placeholder?: string;
  min_values?: number;
  max_values?: number;
  options?: { label: string; value: string; description?: string; default?: boolean }[];
  default_values?: { id: string }[];
  components?: Node[];
  accessory?: Node;
  media?: { url: string };
  file?: { url: string };
  items?: { media: { url: string }; description?: string; spoiler?: boolean }[];
  description?: string;
  accent_color?: number;
  divider?: boolean;
}

const STYLES = ['', 'primary', 'secondary', 'success', 'danger', 'link', 'premium'];

/** The components below a message, or the whole message if it consists of them. */
@customElement('easel-components')
export class Components extends LitElement {
  @property({ attribute: false }) message!: APIMessage;

  static override styles = [
    shared,
    dots,
    markdownStyles,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 8px;
        margin-top: 8px;
      }
      .row {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
      }
      .action {
        position: relative;
      }
      .emoji-only {
        min-width: 48px;
      }
      @media (width < 640px) {
        .row {
          gap: 6px;
        }
        .row > .action {
          min-width: 52px;
          padding: 2px 8px;
        }
        .row > .emoji-only {
          min-width: 52px;
        }
      }
      .glyph {
        font-size: 18px;
        line-height: 1;
      }
      /* Not hidden: the button keeps its name. */
      .waiting > * {
        opacity: 0;
      }
      .dots {
        position: absolute;
        inset: 0;
        display: flex;
        align-items: center;
        justify-content: center;
        gap: 4px;
        opacity: 1;
      }
      .box {
        display: grid;
        grid-template-columns: minmax(0, 1fr);
        gap: 8px;
        max-width: 600px;
        padding: 16px;
        border: 1px solid var(--line);
        border-left: 4px solid var(--accent-bar, var(--line));
        border-radius: 8px;
        background: var(--card);
      }
      .section {
        display: flex;
        justify-content: space-between;
        gap: 16px;
      }
      .gallery {
        display: grid;
        grid-template-columns: repeat(6, minmax(0, 1fr));
        gap: 4px;
        max-width: 550px;
      }
      .gallery > * {
        grid-column: span 2;
        aspect-ratio: 1;
      }
      .gallery > .half {
        grid-column: span 3;
      }
      .gallery > .large {
        grid-column: span 4;
        grid-row: span 2;
      }
      .gallery > .whole {
        grid-column: 1 / -1;
        aspect-ratio: 2;
      }
      hr {
        width: 100%;
        margin: 4px 0;
        border: 0;
        border-top: 1px solid var(--line);
      }
    `,
  ];

  constructor() {
    super();
    new Watch(this, store, () => [
      ...store.named,
      [...store.interactions.busy].filter((key) => key.startsWith(this.message.id)).join(),
    ]);
  }

  async #use(node: Node, values?: string[]): Promise<void> {
    const { message } = this;
    const answer = await store.use(message, node.custom_id!, node.type, values);
    if (answer?.kind !== 'modal') return;
    const application = message.application_id ?? store.applicationOf(message.author.id)?.id ?? '';
    const detail = { modal: answer.modal, application, channel: message.channel_id, message: message.id };
    this.dispatchEvent(new CustomEvent('open-modal', { bubbles: true, composed: true, detail }));
  }

  protected override render() {
    return html`${(this.message.components as Node[] | undefined)?.map((node) => this.#node(node))}`;
  }

  #node(node: Node): TemplateResult | typeof nothing {
    switch (node.type) {
      case Component.ActionRow:
        return html`<div class="row">${node.components?.map((one) => this.#node(one))}</div>`;
      case Component.Button:
        return this.#button(node);
      case Component.TextDisplay:
        return html`<div>${markdown(node.content ?? '')}</div>`;
      case Component.Section:
        return html`<div class="section">
          <div>${node.components?.map((one) => this.#node(one))}</div>
          ${node.accessory ? this.#node(node.accessory) : nothing}
        </div>`;
      case Component.Container: {
        const bar = node.accent_color ? `--accent-bar:#${node.accent_color.toString(16).padStart(6, '0')}` : '';
        return html`<div class="box" style=${bar}>${node.components?.map((one) => this.#node(one))}</div>`;
      }
      case Component.MediaGallery:
        return this.#gallery(node.items ?? []);
      case Component.Thumbnail:
        return this.#media({ media: node.media!, description: node.description ?? '' }, 80);
      case Component.File: {
        const file = this.#attachment(node.file?.url ?? '');
        return html`<a href=${file?.url ?? ''} target="_blank" rel="noreferrer">${file?.filename ?? t('file.file')}</a>`;
      }
      case Component.Separator:
        return node.divider === false ? html`<div></div>` : html`<hr />`;
      default:
        return node.custom_id ? this.#select(node) : nothing;
    }
  }

  #button(node: Node): TemplateResult {
    const picture = node.emoji ? html`<span class="glyph">${glyph(node.emoji)}</span>` : nothing;
    const face = html`${picture}${node.label ? html`<span>${node.label}</span>` : nothing}`;
    if (node.url) {
      const path = localPath(node.url, location.origin);
      const go = (event: Event) => {
        if (!path) return;
        event.preventDefault();
        store.go(placeOf(path));
      };
      return html`<a class="action" href=${path ?? node.url} target="_blank" rel="noreferrer" @click=${go}>${face}${icon('external', 16)}</a>`;
    }
    const waiting = store.interactions.busy.has(`${this.message.id} ${node.custom_id}`);
    const kind = `${STYLES[node.style ?? 2]} ${node.label ? '' : 'emoji-only'} ${waiting ? 'waiting' : ''}`;
    return html`
      <button
        class="action ${kind}"
        ?disabled=${node.disabled}
        aria-busy=${waiting}
        aria-label=${node.label ? nothing : labelOf(node)}
        @click=${() => this.#use(node)}
      >
        ${face}${waiting ? html`<span class="dots"><i></i><i></i><i></i></span>` : nothing}
      </button>
    `;
  }

  /** A select menu's initial values. Always the same array, so that a selection in progress survives other updates. */
  readonly #standing = new WeakMap<Node, string[]>();

  #select(node: Node): TemplateResult {
    const channel = store.channelOf(this.message.channel_id);
    const marked = node.options?.filter((one) => one.default).map(({ value }) => value);
    const standing = this.#standing.get(node) ?? marked ?? node.default_values?.map(({ id }) => id) ?? [];
    this.#standing.set(node, standing);
    return html`
      <easel-select
        .choices=${choicesOf(node, store, channel)}
        .chosen=${standing}
        .placeholder=${node.placeholder ?? t('select.placeholder')}
        .least=${node.min_values ?? 1}
        .most=${node.max_values ?? 1}
        ?disabled=${node.disabled}
        ?waiting=${store.interactions.busy.has(`${this.message.id} ${node.custom_id}`)}
        @pick=${({ detail }: CustomEvent<string[]>) => this.#use(node, detail)}
      ></easel-select>
    `;
  }

  #gallery(items: NonNullable<Node['items']>): TemplateResult {
    if (items.length === 1) return this.#media(items[0]!, 550);
    return html`<div class="gallery">${items.map((item, k) => this.#media(item, 550, widthOf(k, items.length)))}</div>`;
  }

  #media(
    { media, description, spoiler }: { media: { url: string }; description?: string; spoiler?: boolean },
    size: number,
    inGallery = '',
  ) {
    const attachment = this.#attachment(media.url);
    const known = attachment && shownPicture(attachment);
    const alone = { url: media.url, filename: '', alt: '', width: size, height: size, spoiler: false };
    const picture = { ...(known ?? alone), ...(description && { alt: description }), ...(spoiler && { spoiler }) };
    const cover = inGallery !== '';
    return html`<easel-picture class=${inGallery} .picture=${picture} .maxWidth=${size} .maxHeight=${size} ?cover=${cover}></easel-picture>`;
  }

  #attachment(url: string): APIAttachment | undefined {
    return this.message.attachments.find((one) => url === one.url || url === `attachment://${one.filename}`);
  }
}

/**
 * How wide Discord shows picture `k` of a gallery: thirds of a row, under one or two larger ones if there are others.
 */
function widthOf(k: number, count: number): 'half' | 'large' | 'whole' | 'third' {
  if (count === 2 || count === 4) return 'half';
  if (count === 3) return k === 0 ? 'large' : 'third';
  const first = count % 3;
  if (k >= first) return 'third';
  return first === 1 ? 'whole' : 'half';
}

/** Names for screen readers of buttons with only an emoji. */
const EMOJI_LABELS: Readonly<Record<string, Key>> = {
  '🔁': 'button.again',
  '✏️': 'button.edit',
  '🗑️': 'button.delete',
  '💾': 'button.files',
  '⭐': 'button.favourite',
  '◀️': 'button.newer',
  '▶️': 'button.older',
  '❤️': 'button.keep',
  '✖️': 'button.cancel',
};

function labelOf({ emoji }: Node): string {
  const name = emoji?.name ?? '';
  return EMOJI_LABELS[name] ? t(EMOJI_LABELS[name]) : name || t('button.button');
}
