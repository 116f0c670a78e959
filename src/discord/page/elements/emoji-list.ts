import { html, nothing, type TemplateResult } from 'lit';
import type { FittingEmoji } from '../emoji-completion.js';
import { t } from '../words.js';

export const EMOJIS = 'emojis';
export const emojiId = (place: number): string => `emoji-${place}`;

/** The emojis that match the text after a colon. @param active index of the one that Enter takes. */
export function emojiList(
  found: readonly FittingEmoji[],
  active: number,
  typed: string,
  take: (emoji: FittingEmoji) => void,
): TemplateResult | typeof nothing {
  if (found.length === 0) return nothing;
  // Keeps the focus in the field.
  return html`<ul id=${EMOJIS} role="listbox" tabindex="0" class="picker scroll" aria-label=${t('emoji.fitting', { typed })} @mousedown=${(event: Event) => event.preventDefault()}>
    ${found.map(
      (emoji, place) => html`<li
        id=${emojiId(place)}
        role="option"
        aria-selected=${place === active}
        class=${place === active ? 'active' : ''}
        @click=${() => take(emoji)}
      >
        ${emoji.url ? html`<img class="glyph" src=${emoji.url} alt="" />` : html`<span class="glyph">${emoji.text}</span>`}
        <span class="name">:${emoji.name}:</span>
      </li>`,
    )}
  </ul>`;
}
