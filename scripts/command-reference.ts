import {
  type APIApplicationCommandOption,
  type RESTPostAPIChatInputApplicationCommandsJSONBody as CommandBody,
  InteractionContextType,
  PermissionsBitField,
  type APIApplicationCommandSubcommandOption as Subcommand,
  ApplicationCommandOptionType as Type,
} from 'discord.js';
import { chatCommands, messageCommands } from '../commands/table.js';
import { offeredModels } from '../src/bot/models/models.js';
import { offeredUpscalers } from '../src/bot/models/upscalers.js';
import { LANGUAGES } from '../src/bot/text/i18n.js';
import { loadConfig, localEnv } from '../src/config.js';
import { CONTROL_KIND_NAMES } from '../src/engine/checkpoint/controlnets.js';
import { SPACINGS } from '../src/engine/samplers/spacing.js';
import { SAMPLERS } from '../src/engine/samplers/table.js';
import { buttonsAndReactions } from './button-reference.js';
import { noteOn, promptSections } from './command-notes.js';
import { table } from './markdown-table.js';

const TAKES: Record<Type, string> = {
  [Type.Subcommand]: '',
  [Type.SubcommandGroup]: '',
  [Type.String]: 'text',
  [Type.Integer]: 'whole number',
  [Type.Number]: 'number',
  [Type.Boolean]: 'true or false',
  [Type.User]: 'member',
  [Type.Channel]: 'channel',
  [Type.Role]: 'role',
  [Type.Mentionable]: 'member or role',
  [Type.Attachment]: 'picture',
};

const PLACES: Record<InteractionContextType, string> = {
  [InteractionContextType.Guild]: 'in servers',
  [InteractionContextType.BotDM]: 'in direct messages with the bot',
  [InteractionContextType.PrivateChannel]: 'in other direct messages',
};

/** Names that Discord's own settings have for permissions, where they differ from the API's. */
const PERMISSION_TITLES: Record<string, string> = {
  ManageGuild: 'Manage Server',
  ManageGuildExpressions: 'Manage Expressions',
  CreateGuildExpressions: 'Create Expressions',
};

/** Every kind of ControlNet, as where the operator has one of each. */
const EVERY_CONTROL = CONTROL_KIND_NAMES.map((kind) => ({ kind, name: kind, path: '', fits: new Set<string>() }));

/** What follows the commands. */
const SECTIONS = ['Prompts', 'Tables', 'Apps menu', 'Buttons', 'Reactions', 'Samplers'].map(
  (title) => `[${title}](#${title.toLowerCase().replace(' ', '-')})`,
);

/** docs/commands.md, from what Discord is told of the commands and what stands under a result. */
export async function commandReference(): Promise<string> {
  const config = loadConfig(localEnv({}));
  const models = await offeredModels(config.modelsDir, config.safetyChecker, () => {});
  const upscalers = await offeredUpscalers(config.modelsDir, models, undefined, () => {});
  const commands = [...chatCommands.values()].map(
    (command) =>
      command.data({
        config,
        models,
        controls: EVERY_CONTROL,
        upscalers,
      }) as CommandBody,
  );
  const entries = [...messageCommands.values()].map((command) => command.data());
  const parts = [
    '# Commands',
    'Generated from the commands by `npm run docs:commands`; do not edit it by hand.',
    'Type `/` in a message box to see the commands. Options in **bold** are required; the others have defaults. *Everywhere* means in servers that have the bot, in direct messages with it and, for those who added it to their own account, anywhere else.',
    'Under *Server Settings → Integrations* a server can limit each command to certain members, roles or channels.',
    [...commands.map(({ name }) => `[/${name}](#${name})`), ...SECTIONS].join(' · '),
    ...commands.flatMap(commandSection),
    ...promptSections(),
    '## Apps menu',
    'Right-click a message (on a phone: press and hold) and choose *Apps*. They work on any message with a picture, whoever posted it.',
    table(
      ['entry', 'where'],
      entries.map((entry) => [entry.name, placesOf(entry)]),
    ),
    ...buttonsAndReactions(),
    '## Samplers',
    'What the option `sampler` takes: the name, the title, or what other programs call it, such as `k_euler_a`. Those with a ✓ also take another spacing of the noise levels, named after the title: `DPM++ 2M Karras`, `Euler SGM Uniform`.',
    `Spacings: ${Object.values(SPACINGS).slice(1).join(', ')}. DDIM takes Trailing.`,
    table(
      ['name', 'title', 'spacings'],
      Object.entries(SAMPLERS).map(([name, { title, spacings }]) => [
        `\`${name}\``,
        title,
        spacings.length > 2 ? '✓' : '',
      ]),
    ),
    ...namesElsewhere([...commands, ...entries]),
  ];
  return `${parts.join('\n\n')}\n`;
}

function commandSection(command: CommandBody): string[] {
  const { name, description, options = [] } = command;
  const about = [`## /${name}`, `${description}.`, scopeOf(command), ...noteOn(name)];
  return [...about, ...optionsOf(`/${name}`, options)];
}

function scopeOf({ default_member_permissions: bits, ...command }: CommandBody): string {
  const who =
    bits === null || bits === undefined
      ? 'everybody'
      : BigInt(bits) === 0n
        ? 'administrators'
        : `members with *${new PermissionsBitField(BigInt(bits)).toArray().map(permissionTitle).join('* and *')}*`;
  return `For ${who}, ${placesOf(command)}.`;
}

function placesOf({ contexts }: Pick<CommandBody, 'contexts'>): string {
  const all = contexts ?? [InteractionContextType.Guild, InteractionContextType.BotDM];
  return all.length === Object.keys(PLACES).length ? 'everywhere' : all.map((context) => PLACES[context]).join(' and ');
}

function permissionTitle(name: string): string {
  return PERMISSION_TITLES[name] ?? name.replace(/(?<=[a-z])(?=[A-Z])/g, ' ');
}

function optionsOf(command: string, options: readonly APIApplicationCommandOption[]): string[] {
  const plain = options.filter(({ type }) => type !== Type.Subcommand && type !== Type.SubcommandGroup);
  const nested = options.flatMap((option) => {
    if (option.type === Type.SubcommandGroup) return optionsOf(`${command} ${option.name}`, option.options ?? []);
    return option.type === Type.Subcommand ? subcommandSection(command, option) : [];
  });
  const rows = plain.map((option) => [nameOf(option), takesOf(option), option.description]);
  return [...(rows.length > 0 ? [table(['option', 'takes', 'what it is'], rows)] : []), ...nested];
}

function subcommandSection(command: string, { name, description, options }: Subcommand): string[] {
  const called = `${command} ${name}`;
  return [`### ${called}`, `${description}.`, ...optionsOf(called, options ?? [])];
}

function nameOf({ name, required }: APIApplicationCommandOption): string {
  return required ? `**\`${name}\`**` : `\`${name}\``;
}

function takesOf(option: APIApplicationCommandOption): string {
  const parts = [TAKES[option.type]];
  if ('choices' in option && option.choices?.length) {
    return `one of: ${option.choices.map(({ name }) => name).join('; ')}`;
  }
  if ('min_value' in option || 'max_value' in option) parts.push(range(option.min_value, option.max_value));
  if ('max_length' in option && option.max_length) parts.push(`up to ${count(option.max_length)} characters`);
  if ('autocomplete' in option && option.autocomplete) parts.push('suggested while you type');
  return parts.join(', ');
}

function range(low?: number, high?: number): string {
  if (low === undefined) return `at most ${count(high!)}`;
  return high === undefined ? `at least ${count(low)}` : `${count(low)} to ${count(high)}`;
}

function count(value: number): string {
  return value.toLocaleString('en');
}

/** Names as members with another language see them. */
function namesElsewhere(
  commands: readonly { name: string; name_localizations?: Record<string, string | null> | null }[],
): string[] {
  const languages = LANGUAGES.filter((language) => language !== 'en').sort();
  if (languages.length === 0) return [];
  const rows = commands.map(({ name, name_localizations: names }) => [
    name,
    ...languages.map((language) => {
      const locale = Object.keys(names ?? {}).find((locale) => locale.split('-')[0] === language.split('-')[0]);
      return (locale && names?.[locale]) || name;
    }),
  ]);
  return [
    '## In other languages',
    [
      'Each member sees the commands, their options, and answers that only they can see, such as `/help`, in the language of their own Discord.',
      'Results, which everybody sees, are in the language that `/settings language` sets for the server; without that, in the language of the member who asked.',
    ].join(' '),
    table(['en', ...languages], rows),
  ];
}
