import { html, nothing, type TemplateResult } from 'lit';

/** A line of the list above the form: a value for the option that is typed, or an option to add. */
export interface Suggestion {
  label: string;
  detail?: string | undefined;
  take: () => void;
}

export const LIST = 'list';
export const idOf = (place: number): string => `suggestion-${place}`;

/** @param active place of the one that Enter takes. */
export function suggestionList(
  suggestions: readonly Suggestion[],
  active: number,
  label: string,
): TemplateResult | typeof nothing {
  if (suggestions.length === 0) return nothing;
  // The field keeps the focus.
  return html`<ul id=${LIST} role="listbox" tabindex="0" class="scroll" aria-label=${label} @mousedown=${(event: Event) => event.preventDefault()}>
    ${suggestions.map(
      ({ label, detail, take }, place) => html`<li
        id=${idOf(place)}
        role="option"
        aria-selected=${place === active}
        class=${place === active ? 'active' : ''}
        @click=${take}
      >
        <span>${label}</span>${detail ? html`<small>${detail}</small>` : nothing}
      </li>`,
    )}
  </ul>`;
}
