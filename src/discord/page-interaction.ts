import {
  ApplicationCommandType,
  ComponentType,
  InteractionType,
  ApplicationCommandOptionType as Option,
} from 'discord-api-types/v10';
import { mayUse } from './command-access.js';
import { commandPlace } from './command-place.js';
import { DiscordError, missingPermissions, unknown } from './error.js';
import type { LocalDiscord } from './local-discord.js';
import type { UploadedFile } from './message-input.js';
import type { PageInteraction, PageOption } from './page-protocol.js';
import { joined, type Resolved, resolve } from './resolved.js';
import type { Application, Channel, Message, User } from './things.js';
import { keepUpload } from './uploads.js';

const AUTOCOMPLETE = InteractionType.ApplicationCommandAutocomplete;

/** A window's use of a command or component: who, where, of which app, with which files. */
export interface Use {
  readonly application: Application;
  readonly channel: Channel;
  readonly user: User;
  readonly files: readonly UploadedFile[];
  /** A message that the account may see. */
  readonly message: (id: string) => Message;
}

/** A filled-in part of a modal. */
interface Filled {
  type: number;
  values?: string[];
  component?: Filled;
  components?: Filled[];
}

/** An interaction's data in the API's form: names from the commands; uploads, targets and chosen ids resolved. */
export async function interactionData(discord: LocalDiscord, use: Use, interaction: PageInteraction): Promise<object> {
  const { channel, user } = use;
  // Refuse before files are stored.
  if (interaction.type === InteractionType.ApplicationCommand || interaction.type === AUTOCOMPLETE)
    commandOf(discord, use, interaction.data.id);
  const uploads = await store(discord, use);
  const resolved = (parts: readonly Resolved[]) => {
    const all = joined([
      ...parts,
      ...(uploads.size > 0
        ? [{ attachments: Object.fromEntries([...uploads.values()].map((upload) => [upload.id, upload])) }]
        : []),
    ]);
    return all && { resolved: all };
  };
  switch (interaction.type) {
    case InteractionType.MessageComponent: {
      const { values = [], component_type } = interaction.data;
      return {
        ...interaction.data,
        ...resolved([resolve(discord, channel, user, values, component_type, 'component')]),
      };
    }
    case InteractionType.ModalSubmit: {
      const parts: Resolved[] = [];
      const fill = (part: Filled): Filled => {
        if (part.component) return { ...part, component: fill(part.component) };
        if (part.components) return { ...part, components: part.components.map(fill) };
        if (part.type === ComponentType.FileUpload)
          return { ...part, values: part.values?.map((n) => uploads.get(Number(n))!.id) ?? [] };
        parts.push(resolve(discord, channel, user, part.values ?? [], part.type, 'component'));
        return part;
      };
      const components = (interaction.data.components as Filled[]).map(fill);
      return { ...interaction.data, components, ...resolved(parts) };
    }
    default: {
      const command = commandOf(discord, use, interaction.data.id);
      const base = {
        id: command.id,
        name: command.name,
        type: command.type,
        ...(command.guild_id && { guild_id: command.guild_id }),
      };
      if ('target_id' in interaction.data)
        return { ...base, ...target(discord, use, command.type, interaction.data.target_id) };
      const parts: Resolved[] = [];
      const place = (option: PageOption): PageOption => {
        if (option.options) return { ...option, options: option.options.map(place) };
        if (option.type === Option.Attachment) return { ...option, value: uploads.get(Number(option.value))?.id ?? '' };
        if (!option.focused) parts.push(resolve(discord, channel, user, [String(option.value)], option.type, 'option'));
        return option;
      };
      const options = interaction.data.options.map(place);
      return { ...base, options, ...resolved(parts) };
    }
  }
}

/** @throws DiscordError 10063 for an unknown command, 50013 if the account may not use it there. */
function commandOf({ world }: LocalDiscord, { application, channel, user }: Use, id: string) {
  const own = channel.guildId ? (application.commands.get(channel.guildId) ?? []) : [];
  const command = [...own, ...(application.commands.get('') ?? [])].find((one) => one.id === id);
  if (!command) throw unknown.command();
  if (!mayUse(command, commandPlace(world, application, channel, user.id))) throw missingPermissions();
  return command;
}

function target(discord: LocalDiscord, { channel, user, message }: Use, type: number, id: string): object {
  if (type !== ApplicationCommandType.Message) {
    return { target_id: id, resolved: resolve(discord, channel, user, [id], Option.User, 'option') };
  }
  return { target_id: id, resolved: { messages: { [id]: discord.payloads.message(message(id), user.id) } } };
}

type Upload = Awaited<ReturnType<typeof keepUpload>>;

/** Stores the uploaded files. @returns them by their n. @throws DiscordError 40005 for one that is too large. */
async function store(discord: LocalDiscord, { channel, user, files }: Use): Promise<Map<number, Upload>> {
  const stored = files.map(async (file): Promise<[number, Upload]> => {
    if (file.bytes.length > user.attachmentLimit) throw new DiscordError(413, 40005, 'Request entity too large');
    return [file.n, await keepUpload(discord, channel, file)];
  });
  return new Map(await Promise.all(stored));
}
