import type { CommandDraft } from './command-draft.js';
import { folded, type OptionSpec } from './command-options.js';
import { fittingValues, type OptionValue, offersValues, valuesOf } from './option-values.js';
import type { Store } from './store.js';

/** What the list above a command's form offers: a value for the option that is typed, an emoji for its text, or an option to add. */
export interface Suggestion {
  kind: 'value' | 'option' | 'emoji';
  /** The value, the option's name, or the emoji as it stands in the text. */
  value: string;
  /** Address of its picture. */
  picture?: string | undefined;
  label: string;
  detail?: string | undefined;
}

const SHOWN = 25;

/** @param spec the option that is typed; undefined behind them all. @param suggested what its app suggests. */
export function suggestionsFor(
  draft: CommandDraft,
  spec: OptionSpec | undefined,
  suggested: readonly OptionValue[],
  store: Store,
): Suggestion[] {
  const value = spec && draft.typed.get(spec.name);
  const chosen = spec && draft.labelOf(spec.name);
  if (spec && typeof value !== 'object') {
    // What stands there already is no suggestion.
    const offered = valuesOf(
      spec,
      store,
      suggested.filter((one) => one.value !== value),
    );
    const fits = fittingValues(spec, offered, chosen ?? value ?? '', chosen !== undefined);
    // What was refused says to choose one: they are all there.
    const fitting = fits.length === 0 && draft.wrong === spec.name ? offered : fits;
    if (fitting.length > 0)
      return fitting.slice(0, SHOWN).map(({ label, value, detail }) => ({ kind: 'value', value, label, detail }));
    // Its values and nothing else: another option is not what is being looked for.
    if (offersValues(spec) && chosen === undefined && (!value || draft.problem(spec))) return [];
    if (spec.autocomplete && !spec.required && chosen === undefined) return [];
  }
  const name = spec ? '' : folded(draft.adding);
  return draft.others
    .filter((one) => [one.name, one.label].some((known) => folded(known).startsWith(name)))
    .map(({ name, label, description }) => ({ kind: 'option', value: name, label, detail: description }));
}

/** The only suggestion that fits what was typed: Enter and Tab take it unmarked. */
export function onlyFitting(
  draft: CommandDraft,
  spec: OptionSpec | undefined,
  suggestions: readonly Suggestion[],
): Suggestion | undefined {
  const [only, ...more] = suggestions;
  // Beside a value that stands as it is, another option is offered, and not what Enter is for.
  if (only?.kind !== (spec ? 'value' : 'option') || more.length > 0) return undefined;
  // After a refusal all are there, whether they fit or not.
  if (spec && draft.wrong === spec.name) return undefined;
  const text = spec ? draft.typed.get(spec.name) : draft.adding;
  if (typeof text !== 'string' || text.trim() === '' || (spec && !offersValues(spec))) return undefined;
  // A text that its app only helps to write may stand as it is.
  const free = spec?.autocomplete && !only.label.toLowerCase().startsWith(text.trim().toLowerCase());
  return free ? undefined : only;
}

/** Whether the option still waits for one of its values, so that an empty list is worth a word. */
export function unsettled(draft: CommandDraft, spec: OptionSpec): boolean {
  if (!offersValues(spec) || draft.labelOf(spec.name) !== undefined) return false;
  return Boolean(spec.autocomplete || !draft.typed.get(spec.name) || draft.problem(spec));
}
