import type { APIAttachment } from 'discord-api-types/v10';
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { Flag } from '../numbers.js';
import { formatBytes, isPicture, type ShownPicture } from '../shown-picture.js';
import { icon } from './icon.js';
import './picture.js';
import { store } from '../session.js';
import { Watch } from '../watch.js';
import { t } from '../words.js';
import { shared } from './shared.js';

export function shownPicture(attachment: APIAttachment): ShownPicture {
  return {
    url: attachment.url,
    filename: attachment.filename,
    alt: attachment.description ?? '',
    width: attachment.width ?? 1,
    height: attachment.height ?? 1,
    spoiler: ((attachment.flags ?? 0) & Flag.Spoiler) !== 0 || attachment.filename.startsWith('SPOILER_'),
  };
}

/** A message's pictures as a gallery, its other files as cards. */
@customElement('easel-attachments')
export class Attachments extends LitElement {
  @property({ attribute: false }) attachments: readonly APIAttachment[] = [];

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        /* As narrow as the window makes it, however wide a picture would be. */
        grid-template-columns: minmax(0, 1fr);
        gap: 4px;
        max-width: 550px;
        margin-top: 4px;
      }
      .gallery {
        display: grid;
        grid-template-columns: repeat(2, 1fr);
        gap: 4px;
      }
      .gallery easel-picture {
        aspect-ratio: 1;
      }
      .file {
        display: grid;
        grid-template-columns: auto 1fr auto;
        align-items: center;
        gap: 8px;
        width: min(432px, 100%);
        padding: 12px;
        border: 1px solid var(--line);
        border-radius: 8px;
        background: var(--card);
      }
      .name {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      small {
        display: block;
        font-size: 12px;
        color: var(--muted);
      }
    `,
  ];

  constructor() {
    super();
    new Watch(this, store);
  }

  protected override render() {
    const pictures = this.attachments.filter(isPicture);
    const files = this.attachments.filter((attachment) => !isPicture(attachment));
    const many = pictures.length > 1;
    // Keyed by position: an edit's new picture reuses the element of the old one, which stays visible until the new one
    // is loaded.
    const shown = repeat(
      pictures,
      (_, place) => place,
      (one) => html`<easel-picture .picture=${shownPicture(one)} ?cover=${many}></easel-picture>`,
    );
    return html`
      ${many ? html`<div class="gallery">${shown}</div>` : shown}
      ${files.map(
        (file) => html`
          <div class="file">
            ${icon('file', 32)}
            <div class="name">
              <a href=${file.url} target="_blank" rel="noreferrer">${file.filename}</a>
              <small>${formatBytes(file.size)}</small>
            </div>
            <a href=${file.url} download=${file.filename} aria-label=${t('file.download', { name: file.filename })}>${icon('download')}</a>
          </div>
        `,
      )}
      ${nothing}
    `;
  }
}
