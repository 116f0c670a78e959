import { html, nothing, type TemplateResult } from 'lit';
import { t } from '../words.js';
import type { FormField } from './option-field.js';

interface Adder extends FormField {
  /** How many options can be added. */
  left: number;
}

/** The field behind a command's options, where another one is added by its name. */
export function adderField({ left, value, bad, list, active, focus, input, key }: Adder): TemplateResult {
  return html`<input
    class="adder"
    .value=${value}
    placeholder=${left > 0 ? t('form.more', { count: left }) : nothing}
    role="combobox"
    aria-label=${t('form.others')}
    aria-expanded=${list !== null}
    aria-controls=${list ?? nothing}
    aria-autocomplete="list"
    aria-activedescendant=${active ?? nothing}
    aria-invalid=${bad}
    autocomplete="off"
    spellcheck="false"
    @focus=${focus}
    @input=${input}
    @compositionend=${input}
    @keydown=${key}
  />`;
}
