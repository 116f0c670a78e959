import {
  type APIApplicationCommand,
  ApplicationCommandType,
  Locale,
  ApplicationCommandOptionType as Type,
} from 'discord-api-types/v10';
import { DiscordError, invalidForm } from '../error.js';
import { atMost, between, characters } from './fields.js';
import { areFileTypes } from './file-types.js';

/** Limits of commands (documentation, "Application Commands"). */
const COMMAND_LIMITS = {
  chat: 100,
  menus: 15,
  options: 25,
  choices: 25,
  text: 8000,
  description: 100,
  value: 6000,
} as const;

const NAME = /^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$/u;

// biome-ignore lint/suspicious/noExplicitAny: what a client sent, checked here
type Raw = Record<string, any>;

/** @throws DiscordError 50035 as Discord would for these commands, 30032 if there are too many. */
export function checkCommands(commands: readonly Raw[]): void {
  const ofType = (type: number) => commands.filter((command) => (command.type ?? 1) === type).length;
  if (
    ofType(ApplicationCommandType.ChatInput) > COMMAND_LIMITS.chat ||
    ofType(ApplicationCommandType.User) > COMMAND_LIMITS.menus ||
    ofType(ApplicationCommandType.Message) > COMMAND_LIMITS.menus
  ) {
    throw new DiscordError(400, 30032, 'Maximum number of application commands reached');
  }
  const names = new Set<string>();
  for (const [i, command] of commands.entries()) {
    checkCommand(command, `${i}`);
    const key = `${command.type ?? 1}:${command.name}`;
    if (names.has(key))
      throw invalidForm(`${i}.name`, 'APPLICATION_COMMANDS_DUPLICATE_NAME', 'Application command names must be unique');
    names.add(key);
  }
}

/** Every locale that there is (documentation, "Locales"). */
const LOCALES: ReadonlySet<string> = new Set(Object.values(Locale));

/** @throws DiscordError 50035 for texts in a locale that Discord does not have. */
function checkLocales(entry: Raw, path: string): void {
  for (const field of ['name_localizations', 'description_localizations']) {
    const strange = Object.keys(entry[field] ?? {}).find((locale) => !LOCALES.has(locale));
    if (strange) throw invalidForm(`${path}.${field}.${strange}`, 'DICT_KEY_INVALID', 'There is no such locale');
  }
}

function checkCommand(command: Raw, path: string): void {
  checkLocales(command, path);
  const chat = (command.type ?? 1) === ApplicationCommandType.ChatInput;
  if (typeof command.name !== 'string' || command.name.length < 1 || command.name.length > 32) {
    throw invalidForm(`${path}.name`, 'BASE_TYPE_BAD_LENGTH', 'Must be between 1 and 32 in length.');
  }
  for (const name of [command.name, ...Object.values(command.name_localizations ?? {})] as string[]) {
    if (chat) checkName(name, `${path}.name`);
  }
  if (!chat && (command.description || command.options?.length)) {
    throw invalidForm(
      `${path}.description`,
      'APPLICATION_COMMAND_INVALID_TYPE',
      'Context menu commands cannot have description',
    );
  }
  if (chat) {
    checkDescription(command, path);
    checkOptions(command.options ?? [], path);
  }
  if (textOf(command) > COMMAND_LIMITS.text) {
    throw invalidForm(path, 'APPLICATION_COMMAND_TOO_LARGE', `Command exceeds maximum size (${COMMAND_LIMITS.text})`);
  }
}

function checkOptions(options: readonly Raw[], path: string): void {
  if (options.length > COMMAND_LIMITS.options) {
    throw invalidForm(`${path}.options`, 'BASE_TYPE_MAX_LENGTH', 'Must be 25 or fewer in length.');
  }
  const names = new Set<string>();
  let optional = false;
  for (const [i, option] of options.entries()) {
    const at = `${path}.options[${i}]`;
    checkLocales(option, at);
    for (const name of [option.name, ...Object.values(option.name_localizations ?? {})] as string[])
      checkName(name, `${at}.name`);
    checkDescription(option, at);
    if (names.has(option.name))
      throw invalidForm(`${at}.name`, 'APPLICATION_COMMAND_OPTIONS_NAME_DUPLICATE', 'Option names must be unique');
    names.add(option.name);
    if (option.required && optional) {
      throw invalidForm(
        `${at}.required`,
        'APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID',
        'Required options must be placed before non-required options',
      );
    }
    optional ||= !option.required && option.type > Type.SubcommandGroup;
    if ((option.choices?.length ?? 0) > COMMAND_LIMITS.choices) {
      throw invalidForm(`${at}.choices`, 'BASE_TYPE_MAX_LENGTH', 'Must be 25 or fewer in length.');
    }
    if (option.choices?.length && option.autocomplete) {
      throw invalidForm(
        at,
        'APPLICATION_COMMAND_OPTIONS_AUTOCOMPLETE_CHOICES',
        'Autocomplete cannot be used with choices',
      );
    }
    for (const [k, choice] of (option.choices ?? []).entries()) {
      checkLocales(choice, `${at}.choices[${k}]`);
      for (const name of [choice.name, ...Object.values(choice.name_localizations ?? {})] as string[])
        atMost(`${at}.choices[${k}].name`, name, 100);
    }
    for (const limit of ['min_length', 'max_length'] as const) {
      if (option[limit] !== undefined && (option[limit] < 0 || option[limit] > COMMAND_LIMITS.value)) {
        throw invalidForm(
          `${at}.${limit}`,
          'NUMBER_TYPE_MAX',
          `int value should be less than or equal to ${COMMAND_LIMITS.value}.`,
        );
      }
    }
    if (option.file_types != null && (option.type !== Type.Attachment || !areFileTypes(option.file_types))) {
      throw invalidForm(`${at}.file_types`, 'APPLICATION_COMMAND_OPTION_FILE_TYPES_INVALID', 'Invalid file types');
    }
    if (option.options) checkOptions(option.options, at);
  }
}

function checkName(name: string, path: string): void {
  if (!NAME.test(name) || name !== name.toLowerCase()) {
    throw invalidForm(path, 'APPLICATION_COMMAND_INVALID_NAME', 'Command name is invalid');
  }
}

function checkDescription(entry: Raw, path: string): void {
  for (const text of [entry.description, ...Object.values(entry.description_localizations ?? {})]) {
    between(`${path}.description`, typeof text === 'string' ? characters(text) : 0, 1, COMMAND_LIMITS.description);
  }
}

/** Characters of names, descriptions and values; for localized texts, the longest counts. */
function textOf(entry: Raw): number {
  const longest = (text: string | undefined, others: Record<string, string> | null | undefined) =>
    Math.max(...[text ?? '', ...Object.values(others ?? {})].map(characters));
  const own =
    longest(entry.name, entry.name_localizations) + longest(entry.description, entry.description_localizations);
  const choices = (entry.choices ?? []).reduce(
    (sum: number, c: Raw) => sum + characters(c.name) + characters(String(c.value)),
    0,
  );
  return own + choices + (entry.options ?? []).reduce((sum: number, option: Raw) => sum + textOf(option), 0);
}

/** An option's value from a user. */
export type OptionValue = string | number | boolean;

/**
 * Checks values as Discord's client does before it sends them: required, type, choices, minimum and maximum.
 *
 * @throws TypeError naming an option that a user could not have sent like this.
 */
export function checkOptionValues(
  options: NonNullable<APIApplicationCommand['options']>,
  values: Readonly<Record<string, OptionValue>>,
): void {
  for (const name of Object.keys(values)) {
    if (!options.some((option) => option.name === name)) throw new TypeError(`There is no option "${name}".`);
  }
  for (const option of options as Raw[]) {
    const value = values[option.name];
    if (value === undefined) {
      if (option.required) throw new TypeError(`The option "${option.name}" is required.`);
      continue;
    }
    const no = (why: string) => new TypeError(`The option "${option.name}" ${why}, got ${JSON.stringify(value)}.`);
    const text = option.type === Type.String || (option.type > Type.Boolean && option.type !== Type.Number);
    if (text !== (typeof value === 'string') && option.type !== Type.Boolean) throw no('has another type');
    if (option.type === Type.Boolean && typeof value !== 'boolean') throw no('is yes or no');
    if (option.type === Type.Integer && !Number.isInteger(value)) throw no('is a whole number');
    if (option.choices && !option.choices.some((choice: Raw) => choice.value === value)) throw no('has choices');
    if (option.min_value !== undefined && value < option.min_value) throw no(`is at least ${option.min_value}`);
    if (option.max_value !== undefined && value > option.max_value) throw no(`is at most ${option.max_value}`);
    const length = characters(String(value));
    if (option.type === Type.String && length < (option.min_length ?? 0))
      throw no(`has at least ${option.min_length} characters`);
    if (option.type === Type.String && length > (option.max_length ?? 6000))
      throw no(`has at most ${option.max_length ?? 6000} characters`);
  }
}
