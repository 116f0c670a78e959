import type {
  APIApplicationCommand,
  APIAttachment,
  APIMessage,
  InteractionType,
  StickerFormatType,
} from 'discord-api-types/v10';

export interface User {
  id: string;
  username: string;
  globalName: string | null;
  bot: boolean;
  locale: string;
  /** Most bytes of an attachment in this user's interactions. */
  attachmentLimit: number;
  /** Accepts no direct messages. */
  closed?: boolean;
}

export interface Role {
  id: string;
  name: string;
  permissions: bigint;
  color: number;
}

export interface Member {
  userId: string;
  roles: string[];
  joinedAt: string;
}

export interface Guild {
  id: string;
  name: string;
  ownerId: string;
  locale: string;
  roles: Map<string, Role>;
  members: Map<string, Member>;
  emojis: Map<string, { id: string; name: string; animated: boolean; attachment: string; userId: string }>;
  stickers: Map<
    string,
    {
      id: string;
      name: string;
      tags: string;
      description: string;
      format: StickerFormatType;
      attachment: string;
      userId: string;
    }
  >;
}

export interface Overwrite {
  /** A role or a member. */
  id: string;
  type: 0 | 1;
  allow: bigint;
  deny: bigint;
}

export interface Channel {
  id: string;
  /** Null for direct messages. */
  guildId: string | null;
  name: string;
  nsfw: boolean;
  topic: string | null;
  parentId: string | null;
  thread: boolean;
  overwrites: Overwrite[];
  /** The users of a direct message. */
  recipients: string[];
}

/** A message as the API shows it to its author, without what differs by reader (reactions' `me`, signed URLs). */
export interface Message extends Omit<APIMessage, 'reactions' | 'attachments'> {
  attachments: StoredAttachment[];
  /** Emoji (name, or name:id) to the users who reacted, in order. */
  reacted: Map<string, string[]>;
  /** Ephemeral: only this user sees it. */
  onlyFor: string | null;
}

/** An attachment without its URL, which is signed whenever it is shown. */
export type StoredAttachment = Omit<APIAttachment, 'url' | 'proxy_url'> & { is_spoiler?: boolean };

export interface Application {
  id: string;
  botId: string;
  token: string;
  /** By guild, or '' for global ones. */
  commands: Map<string, APIApplicationCommand[]>;
  /** Guilds it was added to, and users who installed it for themselves. */
  guilds: Set<string>;
  users: Set<string>;
  /** Privileged intents it was granted. */
  privilegedIntents: number;
  /** Its own emojis, which it can use everywhere. */
  emojis?: Guild['emojis'];
}

/** A stored interaction, by ids; its token works after a restart (documentation, "Receiving and Responding"). */
export interface KeptInteraction {
  id: string;
  token: string;
  type: InteractionType;
  applicationId: string;
  channelId: string;
  userId: string;
  createdAt: number;
  data: unknown;
  /** The message whose component was used, or that opened the modal. */
  sourceId: string | null;
  commandName: string | null;
  answered: boolean;
  originalId: string | null;
  followups: number;
}

/** A file's description; its bytes are stored separately. */
export interface StoredFile {
  id: string;
  name: string;
  type: string;
}

/** The kinds of things in a world. Each thing is stored by itself. */
export interface Things {
  users: User;
  guilds: Guild;
  channels: Channel;
  messages: Message;
  applications: Application;
  interactions: KeptInteraction;
  files: StoredFile;
}

export type Kind = keyof Things;

/** What distinguishes a thing from others of its kind. */
export function keyOf<K extends Kind>(kind: K, thing: Things[K]): string {
  return kind === 'interactions' ? (thing as KeptInteraction).token : (thing as { id: string }).id;
}

export function newChannel(id: string, guildId: string | null, name: string): Channel {
  return { id, guildId, name, nsfw: false, topic: null, parentId: null, thread: false, overwrites: [], recipients: [] };
}
