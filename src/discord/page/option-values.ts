import { channels, people, roles } from './choices.js';
import { folded, isText, type OptionSpec } from './command-options.js';
import type { Choice } from './elements/select.js';
import { Option } from './numbers.js';
import type { Store } from './store.js';
import { t } from './words.js';

/** A value to choose for an option. */
export interface OptionValue {
  label: string;
  /** Another text that finds it. */
  also?: string | undefined;
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

/** A member is found by the name of the account as well. */
function found({ label, value, description }: Choice): OptionValue {
  return { label, value, also: description, detail: description };
}

const NAMED: readonly number[] = [Option.Boolean, Option.User, Option.Role, Option.Channel, Option.Mentionable];

/** Whether an option has values of its own to choose from, even when there are none at the moment. A prompt is written: its app only helps. */
export function offersValues(spec: OptionSpec): boolean {
  const suggested = spec.autocomplete && !spec.required;
  return Boolean(spec.choices || suggested) || NAMED.includes(spec.type);
}

/** Whether an option is one of the things that have a name here: it is sent as their id. */
export function isNamed({ type }: OptionSpec): boolean {
  return NAMED.includes(type);
}

/** Whether emojis are completed in it, and sent, as in a message. What its app suggests for a text comes before them. */
export function takesEmojis(spec: OptionSpec): boolean {
  return isText(spec) && !spec.autocomplete;
}

/** What is offered under exactly this name, with or without its sign, or as a mention or id. Several where a name is not the only one. */
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

/** Without the sign in front of a name. */
function bare(name: string): string {
  return name.replace(/^[@#＠＃]/, '');
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
  if (isChosen) return [];
  const typed = folded(text);
  const fitting = offered.filter(({ label, also = '' }) => [label, also].some((one) => folded(one).includes(typed)));
  // It stands there already.
  return fitting.length === 1 && folded(fitting[0]!.label) === typed ? [] : fitting;
}
