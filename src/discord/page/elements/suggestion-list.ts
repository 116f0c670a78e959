import { html, nothing, type TemplateResult } from 'lit';
import type { Suggestion } from '../form-suggestions.js';
import { listbox } from './listbox.js';

export const LIST = 'list';
export const idOf = (place: number): string => `suggestion-${place}`;

/** @param active index of the one that Enter takes. */
export function suggestionList(
  suggestions: readonly Suggestion[],
  active: number,
  label: string,
  take: (suggestion: Suggestion) => void,
): TemplateResult | typeof nothing {
  return listbox(suggestions, { id: LIST, lineId: idOf, label, look: 'scroll', active, take, show });
}

function show(suggestion: Suggestion): TemplateResult {
  const { label, detail } = suggestion;
  return html`${glyph(suggestion)}<span>${label}</span>${detail ? html`<small>${detail}</small>` : nothing}`;
}

function glyph({ kind, value, picture }: Suggestion): TemplateResult | typeof nothing {
  if (kind !== 'emoji') return nothing;
  return picture ? html`<img class="glyph" src=${picture} alt="" />` : html`<span class="glyph">${value}</span>`;
}
