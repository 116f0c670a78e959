import type { APIEmbed, APIEmbedImage } from 'discord-api-types/v10';
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { store } from '../session.js';
import { sentAt } from '../when.js';
import { markdownStyles } from './markdown-styles.js';
import { markdown } from './markdown-view.js';
import './picture.js';
import { shared } from './shared.js';

@customElement('easel-embed')
export class Embed extends LitElement {
  @property({ attribute: false }) embed!: APIEmbed;

  static override styles = [
    shared,
    markdownStyles,
    css`
      :host {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        gap: 8px 16px;
        width: fit-content;
        max-width: min(520px, 100%);
        margin-top: 4px;
        padding: 8px 16px 16px 12px;
        border-left: 4px solid var(--embed, var(--rail));
        border-radius: 4px;
        background: var(--card);
        font-size: 14px;
        line-height: 18px;
      }
      .author,
      .title,
      .description {
        grid-column: 1;
        min-width: 0;
      }
      .wide {
        grid-column: 1 / -1;
      }
      .author,
      .title {
        margin-top: 8px;
        font-weight: 600;
        color: var(--strong);
      }
      .title {
        font-size: 16px;
      }
      .fields {
        display: grid;
        grid-template-columns: repeat(12, 1fr);
        gap: 8px;
      }
      .field {
        grid-column: span 12;
        min-width: 0;
      }
      .inline {
        grid-column: span 4;
      }
      .name {
        margin-bottom: 2px;
        font-weight: 600;
        color: var(--strong);
      }
      .thumbnail {
        grid-column: 2;
        grid-row: 1 / span 3;
        margin-top: 8px;
      }
      footer {
        font-size: 12px;
        color: var(--quiet);
      }
      @media (width < 480px) {
        .inline {
          grid-column: span 6;
        }
      }
    `,
  ];

  protected override render() {
    const { author, title, url, description, fields, image, thumbnail, footer, timestamp, color } = this.embed;
    if (color) this.style.setProperty('--embed', `#${color.toString(16).padStart(6, '0')}`);
    else this.style.removeProperty('--embed');
    const foot = [footer?.text, timestamp && sentAt(new Date(timestamp), new Date(), store.locale)]
      .filter(Boolean)
      .join(' • ');
    return html`
      ${author ? html`<div class="author">${author.name}</div>` : nothing}
      ${title ? html`<div class="title">${url ? html`<a href=${url} target="_blank" rel="noreferrer">${title}</a>` : markdown(title)}</div>` : nothing}
      ${description ? html`<div class="description">${markdown(description)}</div>` : nothing}
      ${
        fields?.length
          ? html`<div class="fields wide">
              ${fields.map(
                ({ name, value, inline }) => html`<div class="field ${inline ? 'inline' : ''}">
                  <div class="name">${markdown(name)}</div>
                  ${markdown(value)}
                </div>`,
              )}
            </div>`
          : nothing
      }
      ${image ? html`<div class="wide">${picture(image, 400, 300)}</div>` : nothing}
      ${thumbnail ? html`<div class="thumbnail">${picture(thumbnail, 80, 80)}</div>` : nothing}
      ${foot ? html`<footer class="wide">${foot}</footer>` : nothing}
    `;
  }
}

function picture({ url, width, height }: APIEmbedImage, maxWidth: number, maxHeight: number) {
  const filename = new URL(url, location.href).pathname.split('/').at(-1) ?? '';
  const shown = { url, filename, alt: '', width: width ?? maxWidth, height: height ?? maxHeight, spoiler: false };
  return html`<easel-picture .picture=${shown} .maxWidth=${maxWidth} .maxHeight=${maxHeight}></easel-picture>`;
}
