import type { CommandDraft } from './command-draft.js';
import { folded, type OptionSpec } from './command-options.js';
import { fittingValues, type OptionValue, offersValues, valuesOf } from './option-values.js';
import type { Store } from './store.js';

/**
 * A suggestion above a command's form: a value for the option being typed, an emoji for its text, or an option to add.
 */
export interface Suggestion {
  kind: 'value' | 'option' | 'emoji';
  /** The value, the option's name, or the emoji as text. */
  value: string;
  /** The address of its picture. */
  picture?: string | undefined;
  label: string;
  detail?: string | undefined;
}

const SHOWN = 25;

/** @param spec the option being typed; undefined behind the last one. @param suggested its app's suggestions. */
export function suggestionsFor(
  draft: CommandDraft,
  spec: OptionSpec | undefined,
  suggested: readonly OptionValue[],
  store: Store,
): Suggestion[] {
  const value = spec && draft.typed.get(spec.name);
  const chosen = spec && draft.labelOf(spec.name);
  if (spec && typeof value !== 'object') {
    // The current value is not suggested.
    const offered = valuesOf(
      spec,
      store,
      suggested.filter((one) => one.value !== value),
    );
    const fits = fittingValues(spec, offered, chosen ?? value ?? '', chosen !== undefined);
    // After a refusal that says to choose one, all are shown.
    const fitting = fits.length === 0 && draft.wrong === spec.name ? offered : fits;
    if (fitting.length > 0)
      return fitting.slice(0, SHOWN).map(({ label, value, detail }) => ({ kind: 'value', value, label, detail }));
    // Only its values: the user is not looking for another option.
    if (offersValues(spec) && chosen === undefined && (!value || draft.problem(spec))) return [];
    if (spec.autocomplete && !spec.required && chosen === undefined) return [];
  }
  const name = spec ? '' : folded(draft.adding);
  const begun = draft.others.filter((one) => [one.name, one.label].some((known) => folded(known).startsWith(name)));
  return (begun.length === 0 && draft.unknown ? draft.others : begun).map(({ name, label, description }) => ({
    kind: 'option',
    value: name,
    label,
    detail: description,
  }));
}

/** The only suggestion that matches the text, which Enter and Tab take without highlighting. */
export function onlyFitting(
  draft: CommandDraft,
  spec: OptionSpec | undefined,
  suggestions: readonly Suggestion[],
): Suggestion | undefined {
  const [only, ...more] = suggestions;
  // If the value is complete, other options are suggested, but Enter is not for them.
  if (only?.kind !== (spec ? 'value' : 'option') || more.length > 0) return undefined;
  // After a refusal, all are shown, whether they match or not.
  if (spec ? draft.wrong === spec.name : draft.unknown) return undefined;
  const text = spec ? draft.typed.get(spec.name) : draft.adding;
  if (typeof text !== 'string' || text.trim() === '' || (spec && !offersValues(spec))) return undefined;
  // Free text with suggestions may stay as it is.
  const free = spec?.autocomplete && !only.label.toLowerCase().startsWith(text.trim().toLowerCase());
  return free ? undefined : only;
}

/** Whether the option still needs one of its values, so that an empty list deserves a message. */
export function unsettled(draft: CommandDraft, spec: OptionSpec): boolean {
  if (!offersValues(spec) || draft.labelOf(spec.name) !== undefined) return false;
  return Boolean(spec.autocomplete || !draft.typed.get(spec.name) || draft.problem(spec));
}
