import { html, nothing, type TemplateResult } from 'lit';

interface Listbox<T> {
  id: string;
  /** The id of a line, by its place. */
  lineId: (place: number) => string;
  label: string;
  /** Classes of the list. */
  look: string;
  /** Index of the line that Enter takes. */
  active: number;
  take: (line: T) => void;
  /** What stands in a line. */
  show: (line: T) => TemplateResult;
}

/** A list to choose from while the focus stays in a text field; nothing if there are no lines. */
export function listbox<T>(
  lines: readonly T[],
  { id, lineId, label, look, active, take, show }: Listbox<T>,
): TemplateResult | typeof nothing {
  if (lines.length === 0) return nothing;
  // Keeps the focus in the field.
  return html`<ul id=${id} role="listbox" tabindex="0" class=${look} aria-label=${label} @mousedown=${(event: Event) => event.preventDefault()}>
    ${lines.map(
      (line, place) => html`<li
        id=${lineId(place)}
        role="option"
        aria-selected=${place === active}
        class=${place === active ? 'active' : ''}
        @click=${() => take(line)}
      >
        ${show(line)}
      </li>`,
    )}
  </ul>`;
}
