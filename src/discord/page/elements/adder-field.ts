import { html, nothing, type TemplateResult } from 'lit';
import { t } from '../words.js';

interface Adder {
  /** How many options can be added. */
  left: number;
  value: string;
  bad: boolean;
  /** The id of the list of suggestions; null if none is shown. */
  list: string | null;
  /** The id of the highlighted suggestion. */
  active: string | null;
  focus: () => void;
  input: (event: Event) => void;
  key: (event: KeyboardEvent) => void;
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
