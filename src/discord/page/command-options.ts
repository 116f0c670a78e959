import type { APIApplicationCommand } from 'discord-api-types/v10';
import type { PageOption } from '../page-protocol.js';
import { FILE_LIMIT, Option } from './numbers.js';

/** An option of a command as the API describes it, of any type. */
export interface OptionSpec {
  type: number;
  name: string;
  description: string;
  name_localizations?: Record<string, string> | null;
  description_localizations?: Record<string, string> | null;
  required?: boolean;
  choices?: { name: string; value: string | number; name_localizations?: Record<string, string> | null }[];
  autocomplete?: boolean;
  min_value?: number;
  max_value?: number;
  min_length?: number;
  max_length?: number;
  options?: OptionSpec[];
  /** Extensions that an attachment may have, such as `.png`. */
  file_types?: string[];
}

/** A command as it is typed: subcommands are entries of their own, `settings channels`. */
export interface Entry {
  application: string;
  bot: string;
  command: APIApplicationCommand;
  /** Names of the subcommand group and subcommand. */
  path: string[];
  name: string;
  description: string;
  options: OptionSpec[];
}

/** What was typed into an option: text until it is checked, or the file. */
export type Typed = string | File;

export function entriesOf(command: APIApplicationCommand, application: string, bot: string): Entry[] {
  const walk = (spec: OptionSpec | APIApplicationCommand, path: string[]): Entry[] => {
    const options = (spec.options ?? []) as OptionSpec[];
    const deeper = options.filter(({ type }) => type === Option.Subcommand || type === Option.SubcommandGroup);
    if (deeper.length > 0) return deeper.flatMap((one) => walk(one, [...path, one.name]));
    const name = [command.name, ...path].join(' ');
    return [{ application, bot, command, path, name, description: spec.description, options }];
  };
  return walk(command, []);
}

/** Commands that match what stands behind the slash; names that begin with it first. */
export function find(entries: readonly Entry[], typed: string): Entry[] {
  const text = typed.toLowerCase();
  const rank = ({ name, description }: Entry) => {
    if (name.startsWith(text)) return 0;
    if (name.includes(text)) return 1;
    return description.toLowerCase().includes(text) ? 2 : 3;
  };
  const ranked = entries.map((entry) => ({ entry, place: rank(entry) })).filter(({ place }) => place < 3);
  return ranked
    .sort((one, other) => one.place - other.place || one.entry.name.localeCompare(other.entry.name))
    .map(({ entry }) => entry);
}

/** Reads `/imagine prompt: a fox seed: 5`, as it is pasted; text before the first name goes to the first option. */
export function parseTyped(entry: Entry, text: string): Map<string, string> {
  const names = entry.options.map(({ name }) => name);
  const values = new Map<string, string>();
  const parts = text.split(new RegExp(`(?:^|\\s)(${names.join('|') || '(?!)'}):\\s*`));
  const first = parts[0]?.trim();
  if (first && names[0]) values.set(names[0], first);
  for (let at = 1; at < parts.length; at += 2) values.set(parts[at]!, parts[at + 1]!.trim());
  return values;
}

/** Another option that begins where `seed:` was just typed, and what stands before it. */
export function nextOption(entry: Entry, text: string): { name: string; before: string } | null {
  const [, before, name] = /^(.*?)(?:^|\s)(\S+):$/s.exec(text) ?? [];
  return name && entry.options.some((option) => option.name === name) ? { name, before: before!.trimEnd() } : null;
}

/** Why an option cannot be sent, in the words of Discord's client; null if it can. */
export function problemOf(spec: OptionSpec, typed: Typed | undefined): string | null {
  if (typed === undefined || typed === '') return spec.required ? 'This option is required. Specify a value' : null;
  if (spec.type === Option.Attachment) return typeof typed === 'string' ? 'Attach a file' : fileProblem(spec, typed);
  const text = String(typed);
  if (spec.choices && !spec.choices.some(({ name, value }) => name === text || String(value) === text))
    return 'Choose one of the choices';
  switch (spec.type) {
    case Option.Integer:
      return /^-?\d+$/.test(text) && Number.isSafeInteger(Number(text))
        ? rangeProblem(spec, Number(text))
        : 'Input a valid integer.';
    case Option.Number:
      return Number.isFinite(Number(text)) ? rangeProblem(spec, Number(text)) : 'Input a valid number.';
    case Option.Boolean:
      return ['true', 'false'].includes(text.toLowerCase()) ? null : 'Choose True or False';
    case Option.String: {
      const { min_length = 0, max_length = 6000 } = spec;
      if (text.length < min_length) return `Must be at least ${min_length} characters`;
      return text.length > max_length ? `Must be at most ${max_length} characters, this is ${text.length}` : null;
    }
    default:
      return null;
  }
}

function rangeProblem({ min_value, max_value, type, choices }: OptionSpec, value: number): string | null {
  if (choices) return null;
  const kind = type === Option.Integer ? 'an integer' : 'a number';
  if (min_value !== undefined && value < min_value) return `Input ${kind} of at least ${min_value}.`;
  return max_value !== undefined && value > max_value ? `Input ${kind} of at most ${max_value}.` : null;
}

function fileProblem({ file_types }: OptionSpec, file: File): string | null {
  if (file.size > FILE_LIMIT) return 'Your file is too powerful: the limit is 10 MB';
  const fits = !file_types?.length || file_types.some((type) => file.name.toLowerCase().endsWith(type.toLowerCase()));
  return fits ? null : `Attach one of: ${file_types!.join(', ')}`;
}

/** As the interaction carries them; files go into `files`, and their options name the place there. */
export function toOptions(
  entry: Entry,
  typed: ReadonlyMap<string, Typed>,
  files: File[],
  focused?: string,
): PageOption[] {
  const given = entry.options.filter(({ name }) => name === focused || (typed.get(name) ?? '') !== '');
  const options: PageOption[] = given.map((spec) => ({
    type: spec.type,
    name: spec.name,
    value: sent(spec, typed.get(spec.name) ?? '', files, spec.name === focused),
    ...(spec.name === focused && { focused: true }),
  }));
  const [inner, outer] = [...entry.path].reverse();
  if (!inner) return options;
  const sub: PageOption = { type: Option.Subcommand, name: inner, options };
  return [outer ? { type: Option.SubcommandGroup, name: outer, options: [sub] } : sub];
}

function sent(spec: OptionSpec, typed: Typed, files: File[], focused: boolean): string | number | boolean {
  if (typeof typed !== 'string') return String(files.push(typed) - 1);
  // While it is typed, Discord sends what stands there as it is.
  if (focused) return typed;
  const chosen = spec.choices?.find(({ name, value }) => name === typed || String(value) === typed);
  if (chosen) return chosen.value;
  if (spec.type === Option.Boolean) return typed.toLowerCase() === 'true';
  return spec.type === Option.Integer || spec.type === Option.Number ? Number(typed) : typed;
}
