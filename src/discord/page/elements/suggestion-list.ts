import { html, nothing, type TemplateResult } from 'lit';
import type { Suggestion } from '../form-suggestions.js';

export const LIST = 'list';
export const idOf = (place: number): string => `suggestion-${place}`;

/** @param active index of the one that Enter takes. */
export function suggestionList(
  suggestions: readonly Suggestion[],
  active: number,
  label: string,
  take: (suggestion: Suggestion) => void,
): TemplateResult | typeof nothing {
  if (suggestions.length === 0) return nothing;
  // Keeps the focus in the field.
  return html`<ul id=${LIST} role="listbox" tabindex="0" class="scroll" aria-label=${label} @mousedown=${(event: Event) => event.preventDefault()}>
    ${suggestions.map(
      (suggestion, place) => html`<li
        id=${idOf(place)}
        role="option"
        aria-selected=${place === active}
        class=${place === active ? 'active' : ''}
        @click=${() => take(suggestion)}
      >
        ${glyph(suggestion)}<span>${suggestion.label}</span>${suggestion.detail ? html`<small>${suggestion.detail}</small>` : nothing}
      </li>`,
    )}
  </ul>`;
}

function glyph({ kind, value, picture }: Suggestion): TemplateResult | typeof nothing {
  if (kind !== 'emoji') return nothing;
  return picture ? html`<img class="glyph" src=${picture} alt="" />` : html`<span class="glyph">${value}</span>`;
}
