import type { APIApplicationCommand } from 'discord-api-types/v10';
import type { PageOption } from '../page-protocol.js';
import { extensionsOf, fitsFileTypes } from '../rules/file-types.js';
import { type Localizations, localised } from './localised.js';
import { FILE_LIMIT, Option } from './numbers.js';
import { formatBytes } from './shown-picture.js';
import { decimalSign, t, written } from './words.js';
import { wrongLength } from './wrong-length.js';

/** An option of a command as the API describes it, of any type. */
interface Described {
  type: number;
  name: string;
  description: string;
  name_localizations?: Localizations;
  description_localizations?: Localizations;
  required?: boolean;
  choices?: { name: string; value: string | number; name_localizations?: Localizations }[];
  autocomplete?: boolean;
  min_value?: number;
  max_value?: number;
  min_length?: number;
  max_length?: number;
  options?: Described[];
  /** Extensions that an attachment may have, such as `.png`. */
  file_types?: string[];
}

/** An option in the user's language: `label` and `description` are shown, `name` is sent. */
export interface OptionSpec extends Omit<Described, 'choices' | 'options'> {
  label: string;
  choices?: { name: string; label: string; value: string | number }[];
}

/** A command as it is typed: each subcommand is an entry of its own, `settings channels`. */
export interface Entry {
  application: string;
  bot: string;
  command: APIApplicationCommand;
  /** Names of the subcommand group and subcommand. */
  path: string[];
  /** The application's name for it. */
  name: string;
  /** In the user's language. */
  label: string;
  description: string;
  options: OptionSpec[];
}

/** An option's content: text until it is checked, or the file. */
export type Typed = string | File;

export function entriesOf(command: APIApplicationCommand, application: string, bot: string, locale = 'en-US'): Entry[] {
  const walk = (spec: Described | APIApplicationCommand, path: string[]): Entry[] => {
    const options = (spec.options ?? []) as Described[];
    const deeper = options.filter(({ type }) => type === Option.Subcommand || type === Option.SubcommandGroup);
    if (deeper.length > 0) return deeper.flatMap((one) => walk(one, [...path, one.name]));
    const name = [command.name, ...path].join(' ');
    return [
      {
        application,
        bot,
        command,
        path,
        name,
        label: labelOf([command], name, locale),
        description: localised(spec.description, spec.description_localizations, locale),
        options: options.map((option) => optionIn(option, locale)),
      },
    ];
  };
  return walk(command, []);
}

function optionIn({ choices, options: _, ...option }: Described, locale: string): OptionSpec {
  return {
    ...option,
    label: localised(option.name, option.name_localizations, locale),
    description: localised(option.description, option.description_localizations, locale),
    ...(choices && {
      choices: choices.map(({ name, value, name_localizations }) => ({
        name,
        value,
        label: localised(name, name_localizations, locale),
      })),
    }),
  };
}

/** The localised name of a command or `command subcommand`. */
export function labelOf(commands: readonly APIApplicationCommand[], name: string, locale: string): string {
  let level = commands as readonly Pick<Described, 'name' | 'name_localizations' | 'options'>[];
  const labels = name.split(' ').map((part) => {
    const found = level.find((one) => one.name === part);
    level = found?.options ?? [];
    return found ? localised(part, found.name_localizations, locale) : part;
  });
  return labels.join(' ');
}

/**
 * Commands that match the text after the slash, in either language, those whose name starts with it first. For the
 * slash alone, all in the order in which their app registered them, which suits newcomers.
 */
export function find(entries: readonly Entry[], typed: string): Entry[] {
  if (typed === '') return [...entries];
  const text = typed.toLowerCase();
  const rank = ({ name, label, description }: Entry) => {
    if (name.startsWith(text) || label.startsWith(text)) return 0;
    if (name.includes(text) || label.includes(text)) return 1;
    return description.toLowerCase().includes(text) ? 2 : 3;
  };
  const ranked = entries.map((entry) => ({ entry, place: rank(entry) })).filter(({ place }) => place < 3);
  return ranked
    .sort((one, other) => one.place - other.place || one.entry.label.localeCompare(other.entry.label))
    .map(({ entry }) => entry);
}

/** Normalizes differences that users do not mean: case, and the full-width characters of Japanese keyboards. */
export function folded(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}

/** Why an option cannot be sent, in the words of Discord's client; null if it can. */
export function problemOf(spec: OptionSpec, typed: Typed | undefined): string | null {
  if (typed === undefined || typed === '') return spec.required ? t('wrong.required') : null;
  if (spec.type === Option.Attachment) return typeof typed === 'string' ? t('wrong.file') : fileProblem(spec, typed);
  const text = plain(spec, String(typed));
  if (spec.choices && !chosen(spec, text)) return t('wrong.choice');
  switch (spec.type) {
    case Option.Integer:
      return /^-?\d+$/.test(text) && Number.isSafeInteger(Number(text))
        ? rangeProblem(spec, Number(text))
        : t('wrong.integer');
    case Option.Number:
      return Number.isFinite(Number(text)) ? rangeProblem(spec, Number(text)) : t('wrong.number');
    case Option.Boolean:
      return ['true', 'false'].includes(text.toLowerCase()) ? null : t('wrong.boolean');
    case Option.String: {
      const { min_length = 0, max_length = 6000 } = spec;
      return wrongLength(text, min_length, max_length);
    }
    default:
      return null;
  }
}

/** Whether it is free text, not one of the values that its app or its command names. */
export function isText({ type, choices }: OptionSpec): boolean {
  return type === Option.String && !choices;
}

/**
 * Numbers, choices and names are trimmed and converted from full-width characters, and a decimal comma is read where the
 * language writes one; text is sent as it is.
 */
function plain(spec: OptionSpec, typed: string): string {
  if (isText(spec)) return typed;
  const text = typed.trim();
  const isNumber = spec.type === Option.Integer || spec.type === Option.Number;
  if (!isNumber || spec.choices) return text;
  // NFKC does not turn the minus sign into a hyphen.
  const number = text.normalize('NFKC').replace(/^−/, '-');
  return spec.type === Option.Number && decimalSign() === ',' ? number.replace(',', '.') : number;
}

/** The choice that a text names: by value, or by name in either language. */
function chosen({ choices }: OptionSpec, text: string) {
  return (
    choices?.find(({ value }) => String(value) === text) ??
    choices?.find(({ name, label }) => name === text || label === text) ??
    choices?.find(({ value, name, label }) => [String(value), name, label].some((one) => folded(one) === folded(text)))
  );
}

function rangeProblem({ min_value, max_value, type, choices }: OptionSpec, value: number): string | null {
  if (choices) return null;
  const kind = type === Option.Integer ? 'integer' : 'number';
  if (min_value !== undefined && value < min_value) return t(`wrong.${kind}Low`, { limit: written(min_value) });
  return max_value !== undefined && value > max_value ? t(`wrong.${kind}High`, { limit: written(max_value) }) : null;
}

function fileProblem({ file_types }: OptionSpec, file: File): string | null {
  if (file.size > FILE_LIMIT) return t('wrong.fileSize', { limit: formatBytes(FILE_LIMIT) });
  if (fitsFileTypes(file_types, file.name)) return null;
  return t('wrong.fileType', { types: extensionsOf(file_types)!.join(', ') });
}

/** The options in an interaction's form; files are added to `files`, and their options refer to their index. */
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
  // While it is being typed, Discord sends the text as it is.
  if (focused) return typed;
  const text = plain(spec, typed);
  const choice = chosen(spec, text);
  if (choice) return choice.value;
  if (spec.type === Option.Boolean) return text.toLowerCase() === 'true';
  return spec.type === Option.Integer || spec.type === Option.Number ? Number(text) : text;
}
