import { html, nothing, type TemplateResult } from 'lit';
import type { CommandDraft } from '../command-draft.js';
import type { OptionSpec } from '../command-options.js';
import { t, written } from '../words.js';

/**
 * The line above a command's form: a description of the command or option, and what prevents sending.
 * @param none the option offers nothing, or nothing that matches the text.
 */
export function formAbout(draft: CommandDraft, spec: OptionSpec | undefined, none: boolean): TemplateResult {
  const { entry } = draft;
  const wrong = entry.options.find(({ name }) => name === draft.wrong);
  return html`<div class="about">
    <strong>/${entry.label}</strong>
    ${spec ? html`<span class="option">${spec.label}</span> ${spec.description}${range(spec)}` : entry.description}
    ${wrong ? html`<div class="wrong" role="alert">${draft.problem(wrong)}</div>` : nothing}
    ${draft.unknown ? html`<div class="wrong" role="alert">${t('wrong.option', { name: draft.adding.trim() })}</div>` : nothing}
    ${none ? html`<div role="status">${t(spec && draft.typed.get(spec.name) ? 'form.nothing' : 'form.none')}</div>` : nothing}
  </div>`;
}

function range({ min_value, max_value }: OptionSpec): string {
  if (min_value === undefined && max_value === undefined) return '';
  const bound = (value?: number) => (value === undefined ? '…' : written(value));
  return ` ${t('form.range', { low: bound(min_value), high: bound(max_value) })}`;
}
