import { css, html, nothing, type TemplateResult } from 'lit';
import { LANGUAGES } from '../localised.js';

export const languageStyles = css`
  .language {
    display: block;
    padding: 8px;
    font-size: 12px;
    font-weight: 600;
    color: var(--muted);
  }
  .language select {
    display: block;
    margin-top: 6px;
    font-size: 14px;
    font-weight: 400;
  }
`;

/** A choice among the languages; its styles are `fields` and `languageStyles`. */
export function languageField(label: string, locale: string, choose: (locale: string) => void): TemplateResult {
  const known = LANGUAGES.some(([code]) => code === locale);
  return html`<div class="language">
    <label for="language">${label}</label>
    <select id="language" class="field" @change=${(event: Event) => choose((event.target as HTMLSelectElement).value)}>
      ${known ? nothing : html`<option selected>${locale}</option>`}
      ${LANGUAGES.map(([code, name]) => html`<option value=${code} lang=${code} ?selected=${code === locale}>${name}</option>`)}
    </select>
  </div>`;
}
