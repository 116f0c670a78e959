import type { APIMessage } from 'discord-api-types/v10';
import { css, html, LitElement } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import { emojiKey } from '../news.js';
import { store } from '../session.js';
import { Watch } from '../watch.js';
import { t } from '../words.js';
import { icon } from './icon.js';
import { glyph } from './markdown-view.js';
import { shared } from './shared.js';

@customElement('easel-reactions')
export class Reactions extends LitElement {
  @property({ attribute: false }) message!: APIMessage;

  static override styles = [
    shared,
    css`
      :host {
        display: flex;
        flex-wrap: wrap;
        gap: 4px;
        margin-top: 4px;
      }
      button {
        display: flex;
        align-items: center;
        gap: 6px;
        min-height: 26px;
        padding: 2px 8px;
        border: 1px solid transparent;
        border-radius: 8px;
        background: var(--card);
        font-size: 15px;
      }
      button:hover {
        border-color: var(--line);
      }
      .mine {
        border-color: #5865f2;
        background: var(--mention);
      }
      .count {
        font-size: 14px;
        font-weight: 600;
        color: var(--quiet);
      }
      .mine .count {
        color: var(--accent-text);
      }
      img {
        display: block;
        width: 18px;
        height: 18px;
        object-fit: contain;
      }
    `,
  ];

  constructor() {
    super();
    new Watch(this, store);
  }

  protected override render() {
    const { message } = this;
    const add = (event: Event) => {
      const at = (event.currentTarget as HTMLElement).getBoundingClientRect();
      this.dispatchEvent(new CustomEvent('pick-emoji', { bubbles: true, composed: true, detail: { message, at } }));
    };
    return html`
      ${repeat(
        message.reactions ?? [],
        ({ emoji }) => emojiKey(emoji),
        (one) => {
          const key = emojiKey(one.emoji);
          const label = t('message.reactions', { emoji: one.emoji.name ?? '', count: one.count });
          return html`<button class=${one.me ? 'mine' : ''} aria-pressed=${one.me} aria-label=${label} @click=${() => store.toggle(message, key)}>
          <span>${glyph(one.emoji)}</span>
          <span class="count">${one.count}</span>
        </button>`;
        },
      )}
      <button aria-label=${t('message.react')} @click=${add}>${icon('smile', 18)}</button>
    `;
  }
}
