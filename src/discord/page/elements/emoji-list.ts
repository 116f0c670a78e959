import { html, type nothing, type TemplateResult } from 'lit';
import type { FittingEmoji } from '../emoji-completion.js';
import { t } from '../words.js';
import { listbox } from './listbox.js';

export const EMOJIS = 'emojis';
export const emojiId = (place: number): string => `emoji-${place}`;

/** The emojis that match the text after a colon. @param active index of the one that Enter takes. */
export function emojiList(
  found: readonly FittingEmoji[],
  active: number,
  typed: string,
  take: (emoji: FittingEmoji) => void,
): TemplateResult | typeof nothing {
  const label = t('emoji.fitting', { typed });
  return listbox(found, { id: EMOJIS, lineId: emojiId, label, look: 'picker scroll', active, take, show });
}

function show({ url, text, name }: FittingEmoji): TemplateResult {
  return html`${url ? html`<img class="glyph" src=${url} alt="" />` : html`<span class="glyph">${text}</span>`}
    <span class="name">:${name}:</span>`;
}
