import { html, nothing, type TemplateResult } from 'lit';
import type { Entry } from '../command-options.js';
import { nameOf } from '../names.js';
import { store } from '../session.js';
import { t } from '../words.js';
import './avatar.js';
import { listbox } from './listbox.js';

export const COMMANDS = 'commands';
export const commandId = (place: number): string => `command-${place}`;

/** The matching commands, above the message box. @param active index of the one that Enter takes. */
export function commandPicker(
  found: readonly Entry[],
  active: number,
  take: (entry: Entry) => void,
): TemplateResult | typeof nothing {
  const label = t('composer.commands');
  return listbox(found, { id: COMMANDS, lineId: commandId, label, look: 'picker scroll', active, take, show });
}

function show({ application, label, description, options }: Entry): TemplateResult {
  const bot = store.applicationOf(application)?.bot;
  return html`${bot ? html`<easel-avatar .user=${bot} .size=${32}></easel-avatar>` : nothing}
    <span class="what">
      <strong>/${label}</strong>
      ${options.filter(({ required }) => required).map(({ label }) => html`<code>${label}</code>`)}
      <small>${description}</small>
    </span>
    <span class="whose">${nameOf(bot)}</span>`;
}
