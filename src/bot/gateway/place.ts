import {
  type AnySelectMenuInteraction,
  type APIPartialChannel,
  type ButtonInteraction,
  type Channel,
  type ChatInputCommandInteraction,
  type Interaction,
  InteractionContextType,
  type MessageContextMenuCommandInteraction,
  type ModalSubmitInteraction,
} from 'discord.js';

/** The interactions that can ask for pictures. */
export type Answerable =
  | ChatInputCommandInteraction
  | MessageContextMenuCommandInteraction
  | ButtonInteraction
  | AnySelectMenuInteraction
  | ModalSubmitInteraction;

/** Where a request comes from, as needed to decide whether it is allowed. */
export interface Place {
  userId: string;
  guildId: string | null;
  channelId: string;
  /** A thread's rules are its parent's. */
  parentId: string | null;
  roles: readonly string[];
  appPermissions: bigint;
  isThread: boolean;
  /** A channel for adults, or a thread of one. */
  ageRestricted: boolean;
  /** A user installed the bot, but it is not in this server, or these messages between others: it can only answer. */
  userInstalled: boolean;
}

export function placeOf(interaction: Interaction): Place {
  const { member, channel, guildId, context } = interaction;
  const roles =
    member && 'cache' in Object(member.roles)
      ? [...(member.roles as { cache: Map<string, unknown> }).cache.keys()]
      : (member?.roles as string[] | undefined);
  return {
    userId: interaction.user.id,
    guildId,
    channelId: interaction.channelId!,
    parentId: channel && 'parentId' in channel ? channel.parentId : null,
    roles: roles ?? [],
    appPermissions: interaction.appPermissions.bitfield,
    isThread: channel?.isThread() ?? false,
    ageRestricted: ageRestricted(channel),
    userInstalled: guildId
      ? !('0' in interaction.authorizingIntegrationOwners)
      : context === InteractionContextType.PrivateChannel,
  };
}

export function ageRestricted(channel: Channel | APIPartialChannel | null): boolean {
  if (!channel) return false;
  if ('nsfw' in channel) return Boolean(channel.nsfw);
  return 'parent' in channel && channel.parent ? ageRestricted(channel.parent as Channel) : false;
}
