import { html, nothing, type TemplateResult } from 'lit';
import type { OptionSpec } from '../command-options.js';
import { Option } from '../numbers.js';

/** A field of a command's form, and the list of suggestions above it. */
export interface FormField {
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

/** The field of a typed option: a single line, or several for long text. */
export function optionField(
  spec: OptionSpec,
  { value, bad, list, active, focus, input, key }: FormField,
): TemplateResult {
  const long = spec.type === Option.String && !spec.choices;
  const mode = spec.type === Option.Integer ? 'numeric' : spec.type === Option.Number ? 'decimal' : 'text';
  return html`<label class="pill ${bad ? 'bad' : ''} ${long ? 'long' : ''}">
    <span>${spec.label}</span>
    ${
      long
        ? html`<textarea
            data-option=${spec.name}
            .value=${value}
            rows="1"
            aria-haspopup="listbox"
            aria-controls=${list ?? nothing}
            aria-autocomplete="list"
            aria-activedescendant=${active ?? nothing}
            aria-required=${spec.required ?? false}
            aria-invalid=${bad}
            aria-description=${spec.description}
            autocomplete="off"
            spellcheck="false"
            @focus=${focus}
            @input=${input}
            @compositionend=${input}
            @keydown=${key}
          ></textarea>`
        : html`<input
            data-option=${spec.name}
            .value=${value}
            size=${Math.min(Math.max(value.length + 1, 5), 60)}
            role="combobox"
            aria-expanded=${list !== null}
            aria-controls=${list ?? nothing}
            aria-autocomplete="list"
            aria-activedescendant=${active ?? nothing}
            aria-required=${spec.required ?? false}
            aria-invalid=${bad}
            aria-description=${spec.description}
            autocomplete="off"
            spellcheck="false"
            inputmode=${mode}
            @focus=${focus}
            @input=${input}
            @compositionend=${input}
            @keydown=${key}
          />`
    }
  </label>`;
}
