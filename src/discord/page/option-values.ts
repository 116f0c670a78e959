import { channels, people, roles } from './choices.js';
import type { OptionSpec } from './command-options.js';
import { Option } from './numbers.js';
import type { Store } from './store.js';
import { t } from './words.js';

/** A value to choose for an option. */
export interface OptionValue {
  label: string;
  /** Another text that finds it. */
  also?: string;
  value: string;
  detail?: string | undefined;
}

/** All that an option offers in the channel that is shown. @param suggested what its app suggests. */
export function valuesOf(spec: OptionSpec, store: Store, suggested: readonly OptionValue[]): readonly OptionValue[] {
  const { channel } = store;
  const guild = store.guildOf(channel);
  if (spec.choices) return spec.choices.map(({ name, label, value }) => ({ label, also: name, value: String(value) }));
  if (spec.autocomplete) return suggested;
  switch (spec.type) {
    case Option.Boolean:
      return (['true', 'false'] as const).map((value) => ({ label: t(`form.${value}`), value, also: value }));
    case Option.User:
      return people(store, guild, channel);
    case Option.Role:
      return roles(guild);
    case Option.Channel:
      return channels(guild);
    case Option.Mentionable:
      return [...people(store, guild, channel), ...roles(guild)];
    default:
      return [];
  }
}

const NAMED: readonly number[] = [Option.Boolean, Option.User, Option.Role, Option.Channel, Option.Mentionable];

/** Whether an option has values of its own to choose from, even when there are none at the moment. A prompt is written: its app only helps. */
export function offersValues(spec: OptionSpec): boolean {
  const suggested = spec.autocomplete && !spec.required;
  return Boolean(spec.choices || suggested) || NAMED.includes(spec.type);
}

/** Of what is offered, what fits the text in the option's field; nothing once one of them stands there. */
export function fittingValues(
  spec: OptionSpec,
  offered: readonly OptionValue[],
  text: string,
  isChosen: boolean,
): readonly OptionValue[] {
  // Its app has chosen what fits.
  if (spec.autocomplete) return offered;
  const typed = text.toLowerCase();
  if (isChosen || offered.some(({ label }) => label.toLowerCase() === typed)) return [];
  return offered.filter(({ label, also = '' }) => [label, also].some((one) => one.toLowerCase().includes(typed)));
}
