import { characters } from './fields.js';

// biome-ignore lint/suspicious/noExplicitAny: components as an app sent them, checked when they were
type Raw = Record<string, any>;

/** @throws TypeError for values that Discord's client would not let a user choose from a select menu. */
export function checkPicked(select: Raw, values: readonly string[]): void {
  const { custom_id, disabled, options, min_values = 1, max_values = 1 } = select;
  if (disabled) throw new TypeError(`The select menu "${custom_id}" is disabled.`);
  if (values.length < min_values || values.length > max_values) {
    throw new TypeError(`"${custom_id}" takes ${min_values} to ${max_values} values, got ${values.length}.`);
  }
  for (const value of values) {
    if (options && !options.some((option: Raw) => option.value === value))
      throw new TypeError(`"${custom_id}" has no option "${value}".`);
  }
}

/** @throws TypeError for a text that Discord's client would not let a user send from a modal. */
export function checkTyped(input: Raw, text: string): void {
  const { custom_id, required = true, min_length = 0, max_length = 4000 } = input;
  if (text === '') {
    if (required) throw new TypeError(`"${custom_id}" must be filled in.`);
    return;
  }
  if (characters(text) < min_length) throw new TypeError(`"${custom_id}" takes at least ${min_length} characters.`);
  if (characters(text) > max_length) throw new TypeError(`"${custom_id}" takes at most ${max_length} characters.`);
}
