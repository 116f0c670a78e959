import {
  type APIApplicationCommandOptionChoice,
  ApplicationCommandType,
  ApplicationIntegrationType,
  ContextMenuCommandBuilder,
  InteractionContextType,
  type SharedSlashCommandOptions,
  type SlashCommandAttachmentOption,
  SlashCommandBuilder,
} from 'discord.js';
import { MAX_WEIGHT } from '../request/bounds.js';
import { translateFor } from '../text/i18n.js';
import { localizations } from '../text/localizations.js';

const en = translateFor('en');

/** Everywhere: in servers, in direct messages with the bot, and where only a user installed it. */
const EVERYWHERE = {
  contexts: [InteractionContextType.Guild, InteractionContextType.BotDM, InteractionContextType.PrivateChannel],
  integrationTypes: [ApplicationIntegrationType.GuildInstall, ApplicationIntegrationType.UserInstall],
};

/** Only in servers that have the bot. */
export const IN_SERVERS: typeof EVERYWHERE = {
  contexts: [InteractionContextType.Guild],
  integrationTypes: [ApplicationIntegrationType.GuildInstall],
};

/** A slash command with its texts from the catalogues. */
export function slashCommand(key: string, where = EVERYWHERE): SlashCommandBuilder {
  return new SlashCommandBuilder()
    .setName(en(`command.${key}.name`))
    .setNameLocalizations(localizations(`command.${key}.name`))
    .setDescription(en(`command.${key}.description`))
    .setDescriptionLocalizations(localizations(`command.${key}.description`))
    .setContexts(where.contexts)
    .setIntegrationTypes(where.integrationTypes);
}

/** An entry of a message's Apps menu with its name from the catalogues. */
export function messageCommand(key: string, where = EVERYWHERE): ContextMenuCommandBuilder {
  return new ContextMenuCommandBuilder()
    .setType(ApplicationCommandType.Message)
    .setName(en(`command.${key}.name`))
    .setNameLocalizations(localizations(`command.${key}.name`))
    .setContexts(where.contexts)
    .setIntegrationTypes(where.integrationTypes);
}

/** What clients let be attached where a picture is asked for: the formats that are read, some of which clients do not show. */
export const PICTURES = ['image', '.avif', '.tif', '.tiff'] as const;

/** An option that takes a picture. Clients only look at the file's name, so what is in it is checked later. */
export function picture(
  option: SlashCommandAttachmentOption,
  command: string,
  name: string,
): SlashCommandAttachmentOption {
  return described(option, command, name).setFileTypes(...PICTURES);
}

/** The options `control` and `weight`, if there is a ControlNet to choose. */
export function withControl<C extends SharedSlashCommandOptions<C>>(command: C, kinds: readonly string[]): C {
  if (kinds.length === 0) return command;
  return command
    .addStringOption((o) => described(o, 'imagine', 'control').addChoices(choices('control', kinds)))
    .addNumberOption((o) => described(o, 'imagine', 'weight').setMinValue(0).setMaxValue(MAX_WEIGHT));
}

interface Described {
  setName(name: string): this;
  setNameLocalizations(names: Record<string, string>): this;
  setDescription(text: string): this;
  setDescriptionLocalizations(texts: Record<string, string>): this;
}

/**
 * Names and describes an option or subcommand, from the catalogues: `option.<name>`, shared by all commands, and
 * `command.<command>.<name>`. Discord shows the reader's name and sends the English one (documentation,
 * "Localization").
 */
export function described<O extends Described>(option: O, command: string, name: string): O {
  const key = `command.${command}.${name}`;
  return option
    .setName(name)
    .setNameLocalizations(localizations(`option.${name}`))
    .setDescription(en(key))
    .setDescriptionLocalizations(localizations(key));
}

/**
 * Choices of an option, named by the catalogues' `<key>.<value>`: the reader sees the name, the bot gets the value.
 *
 * @param textValues fill the placeholders in a value's text.
 */
export function choices(
  key: string,
  values: readonly string[],
  textValues: (value: string) => Record<string, string> = () => ({}),
): APIApplicationCommandOptionChoice<string>[] {
  return values.map((value) => ({
    name: en(`${key}.${value}`, textValues(value)),
    name_localizations: localizations(`${key}.${value}`, textValues(value)),
    value,
  }));
}
