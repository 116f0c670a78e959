import { html, nothing, type TemplateResult } from 'lit';
import type { Entry } from '../command-options.js';
import { nameOf } from '../names.js';
import { store } from '../session.js';
import { t } from '../words.js';
import './avatar.js';

export const COMMANDS = 'commands';
export const commandId = (place: number): string => `command-${place}`;

/** The matching commands, above the message box. @param active index of the one that Enter takes. */
export function commandPicker(
  found: readonly Entry[],
  active: number,
  choose: (entry: Entry) => void,
): TemplateResult | typeof nothing {
  if (found.length === 0) return nothing;
  return html`<ul id=${COMMANDS} role="listbox" tabindex="0" class="picker scroll" aria-label=${t('composer.commands')} @mousedown=${(event: Event) => event.preventDefault()}>
    ${found.map((entry, place) => {
      const bot = store.applicationOf(entry.application)?.bot;
      return html`<li
        id=${commandId(place)}
        role="option"
        aria-selected=${place === active}
        class=${place === active ? 'active' : ''}
        @click=${() => choose(entry)}
      >
        ${bot ? html`<easel-avatar .user=${bot} .size=${32}></easel-avatar>` : nothing}
        <span class="what">
          <strong>/${entry.label}</strong>
          ${entry.options.filter(({ required }) => required).map(({ label }) => html`<code>${label}</code>`)}
          <small>${entry.description}</small>
        </span>
        <span class="whose">${nameOf(bot)}</span>
      </li>`;
    })}
  </ul>`;
}
