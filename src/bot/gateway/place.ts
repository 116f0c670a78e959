import type {
  AnySelectMenuInteraction,
  APIPartialChannel,
  ButtonInteraction,
  Channel,
  ChatInputCommandInteraction,
  Interaction,
  MessageContextMenuCommandInteraction,
  ModalSubmitInteraction,
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
  /** A user installed the bot, but the server has not. */
  userInstalled: boolean;
}

export function placeOf(interaction: Interaction): Place {
  const { member, channel } = interaction;
  const roles =
    member && 'cache' in Object(member.roles)
      ? [...(member.roles as { cache: Map<string, unknown> }).cache.keys()]
      : (member?.roles as string[] | undefined);
  return {
    userId: interaction.user.id,
    guildId: interaction.guildId,
    channelId: interaction.channelId!,
    parentId: channel && 'parentId' in channel ? channel.parentId : null,
    roles: roles ?? [],
    appPermissions: interaction.appPermissions.bitfield,
    isThread: channel?.isThread() ?? false,
    ageRestricted: ageRestricted(channel),
    userInstalled: interaction.guildId !== null && !('0' in interaction.authorizingIntegrationOwners),
  };
}

export function ageRestricted(channel: Channel | APIPartialChannel | null): boolean {
  if (!channel) return false;
  if ('nsfw' in channel) return Boolean(channel.nsfw);
  return 'parent' in channel && channel.parent ? ageRestricted(channel.parent as Channel) : false;
}
