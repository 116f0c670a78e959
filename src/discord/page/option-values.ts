import { channels, people, roles } from './choices.js';
import { folded, isText, type OptionSpec } from './command-options.js';
import type { Choice } from './elements/select.js';
import { Option } from './numbers.js';
import type { Store } from './store.js';
import { t } from './words.js';

/** A value offered for an option. */
export interface OptionValue {
  label: string;
  /** Other text that it is found by. */
  also?: string | undefined;
  value: string;
  detail?: string | undefined;
}

/** All values that an option offers in the current channel. @param suggested its app's suggestions. */
export function valuesOf(spec: OptionSpec, store: Store, suggested: readonly OptionValue[]): readonly OptionValue[] {
  const { channel } = store;
  const guild = store.guildOf(channel);
  if (spec.choices) return spec.choices.map(({ name, label, value }) => ({ label, also: name, value: String(value) }));
  if (spec.autocomplete) return suggested;
  switch (spec.type) {
    case Option.Boolean:
      return (['true', 'false'] as const).map((value) => ({ label: t(`form.${value}`), value, also: value }));
    case Option.User:
      return people(store, guild, channel).map(found);
    case Option.Role:
      return roles(guild);
    case Option.Channel:
      return channels(guild);
    case Option.Mentionable:
      return [...people(store, guild, channel), ...roles(guild)].map(found);
    default:
      return [];
  }
}

/** Members are also found by their username. */
function found({ label, value, description }: Choice): OptionValue {
  return { label, value, also: description, detail: description };
}

const NAMED: readonly number[] = [Option.Boolean, Option.User, Option.Role, Option.Channel, Option.Mentionable];

/**
 * Whether an option offers values of its own, even if there are none at the moment. Prompts are free text: their app
 * only helps.
 */
export function offersValues(spec: OptionSpec): boolean {
  const suggested = spec.autocomplete && !spec.required;
  return Boolean(spec.choices || suggested) || NAMED.includes(spec.type);
}

/** Whether an option's value is a named thing, sent as its id. */
export function isNamed({ type }: OptionSpec): boolean {
  return NAMED.includes(type);
}

/** Whether emojis are completed and sent as in a message. Its app's suggestions come first. */
export function takesEmojis(spec: OptionSpec): boolean {
  return isText(spec) && !spec.autocomplete;
}

/**
 * The values with exactly this name, with or without its sign, or given as a mention or id. Several if the name is
 * ambiguous.
 */
export function valuesNamed(offered: readonly OptionValue[], typed: string): readonly OptionValue[] {
  const text = typed.trim();
  const id = /^<(?:@[!&]?|#)(\d+)>$/.exec(text)?.[1] ?? text;
  const known = offered.find(({ value }) => value === id);
  if (known) return [known];
  const named = (same: (one: string) => string) =>
    offered.filter(({ label, also }) =>
      [label, also].some((one) => one !== undefined && same(bare(one)) === same(bare(text))),
    );
  const exactly = named((one) => one);
  return exactly.length > 0 ? exactly : named(folded);
}

/** A name without the sign in front. */
function bare(name: string): string {
  return name.replace(/^[@#＠＃]/, '');
}

/** The offered values that match the field's text; none if the text is one of them. */
export function fittingValues(
  spec: OptionSpec,
  offered: readonly OptionValue[],
  text: string,
  isChosen: boolean,
): readonly OptionValue[] {
  // Its app has already filtered.
  if (spec.autocomplete) return offered;
  if (isChosen) return [];
  const typed = folded(text);
  const fitting = offered.filter(({ label, also = '' }) => [label, also].some((one) => folded(one).includes(typed)));
  // The text is this value.
  return fitting.length === 1 && folded(fitting[0]!.label) === typed ? [] : fitting;
}
