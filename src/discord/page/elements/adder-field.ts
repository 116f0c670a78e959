import { html, nothing, type TemplateResult } from 'lit';
import { t } from '../words.js';

interface Adder {
  /** Options that can be added. */
  left: number;
  value: string;
  bad: boolean;
  /** A list of suggestions is shown, with this id; null without one. */
  list: string | null;
  /** The suggestion that is marked, by its id. */
  active: string | null;
  focus: () => void;
  input: (event: Event) => void;
  key: (event: KeyboardEvent) => void;
}

/** Where the caret stands behind a command's options: another one begins there by its name. */
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
