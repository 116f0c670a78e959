/**
 * What the page and the local Discord say to each other; types only, shared by both sides.
 *
 * HTTP, below `/page/api`, JSON; the header `x-account` holds the id of the account that the window is logged in as:
 *
 * | Request | Answer |
 * | --- | --- |
 * | `GET /accounts` | `PageAccount[]`: who may be logged in as (no header needed) |
 * | `GET /channels/:channel/messages?before=&limit=` | `APIMessage[]`, oldest first; without ephemeral ones, which only windows that are open when they come get |
 * | `GET /channels/:channel/messages/:message` | the `APIMessage`, its files' addresses signed anew |
 * | `POST /channels/:channel/messages` | the `APIMessage`; JSON, or multipart with `payload_json` and `files[n]` as in REST |
 * | `DELETE /channels/:channel/messages/:message` | 204; also dismisses an ephemeral message |
 * | `PUT`, `DELETE /channels/:channel/messages/:message/reactions/:emoji` | 204; the account's own reaction |
 * | `POST /channels/:channel/interactions` | `PageAnswer`; body `PageInteraction`, JSON or multipart as above |
 * | `POST /channels/:channel/typing` | 204 |
 * | `PATCH /me` | 204; `{ locale }`: the language of the account's client |
 * | `PATCH /guilds/:guild` | 204; `{ preferred_locale }`: the server's primary language, with the permission to manage it |
 *
 * What Discord refuses comes as its error: `{ message, code, errors? }` with the status.
 *
 * WebSocket `/page/api/live?account=ID` sends `PageEvent`s that this account may see: READY first, and READY again whenever
 * accounts, guilds, channels, commands or somebody's presence changed; messages as this account sees them (`reactions[].me`).
 *
 * The page's files are served from `dist/page`, its `index.html` also for `/channels/*`.
 */
import type {
  APIApplicationCommand,
  APIApplicationCommandOptionChoice,
  APIMessage,
  APIModalInteractionResponseCallbackData,
  APIUser,
} from 'discord-api-types/v10';

export interface PageAccount {
  user: APIUser;
  /** Administrator of the servers. */
  administrator: boolean;
  /** Language of its client. */
  locale: string;
}

export interface PageChannel {
  id: string;
  /** Null for direct messages. */
  guild_id: string | null;
  /** Of a direct message: the other's name. */
  name: string;
  topic: string | null;
  nsfw: boolean;
  /** A thread's channel. */
  parent_id: string | null;
  thread: boolean;
  /** Direct messages: the other. */
  recipient: APIUser | null;
  /** What this account may do here, as the API writes it: decimal bits. */
  permissions: string;
}

export interface PageGuild {
  id: string;
  name: string;
  owner_id: string;
  preferred_locale: string;
  /** Whether this account may change the server. */
  manageable: boolean;
  roles: { id: string; name: string; color: number }[];
  members: { user: APIUser; roles: string[] }[];
  /** Those that this account may see. */
  channels: PageChannel[];
  emojis: { id: string; name: string; animated: boolean }[];
  stickers: { id: string; name: string; description: string; tags: string }[];
}

export interface PageApplication {
  id: string;
  bot: APIUser;
  /** Whether a gateway session of it is connected. */
  online: boolean;
  /** Global commands, and those of guilds with their `guild_id`. */
  commands: APIApplicationCommand[];
  /** Guilds that it was added to. */
  guild_ids: string[];
  /** This account installed it for itself. */
  installed: boolean;
}

export interface PageReady {
  me: PageAccount;
  accounts: PageAccount[];
  guilds: PageGuild[];
  directMessages: PageChannel[];
  applications: PageApplication[];
  /** People who have a window open. */
  online: string[];
  /** Prompts to greet with: what the model paints well. */
  examples: string[];
  /** Whether that is the small model that ships, which paints little; then the greeting says how to get another. */
  demonstration: boolean;
}

export interface PageReaction {
  user_id: string;
  channel_id: string;
  message_id: string;
  emoji: { id: string | null; name: string };
}

export type PageEvent =
  | { t: 'READY'; d: PageReady }
  | { t: 'MESSAGE_CREATE' | 'MESSAGE_UPDATE'; d: APIMessage }
  | { t: 'MESSAGE_DELETE'; d: { id: string; channel_id: string } }
  | { t: 'MESSAGE_REACTION_ADD' | 'MESSAGE_REACTION_REMOVE'; d: PageReaction }
  | { t: 'MESSAGE_REACTION_REMOVE_ALL'; d: { channel_id: string; message_id: string } }
  | { t: 'TYPING_START'; d: { channel_id: string; user_id: string } };

/** An option as interactions carry it; an attachment's value is the n of `files[n]`. */
export interface PageOption {
  type: number;
  name: string;
  value?: string | number | boolean;
  focused?: boolean;
  /** Of a subcommand or group. */
  options?: PageOption[];
}

/** What Discord's client sends when something is used; `type` is the API's InteractionType. */
export type PageInteraction =
  | { type: 2; application_id: string; data: { id: string; type: 1; options: PageOption[] } }
  | { type: 2; application_id: string; data: { id: string; type: 2 | 3; target_id: string } }
  | { type: 4; application_id: string; data: { id: string; type: 1; options: PageOption[] } }
  | {
      type: 3;
      application_id: string;
      message_id: string;
      data: { custom_id: string; component_type: number; values?: string[] };
    }
  | {
      type: 5;
      application_id: string;
      /** The message whose component opened the modal. */
      message_id: string | null;
      /** `components` as a modal submission carries them; a file upload's values are n of `files[n]`. */
      data: { custom_id: string; components: unknown[] };
    };

/** The app's first answer, or that there was none in three seconds. */
export type PageAnswer =
  | { kind: 'message' }
  | { kind: 'update' }
  | { kind: 'modal'; modal: APIModalInteractionResponseCallbackData }
  | { kind: 'choices'; choices: APIApplicationCommandOptionChoice[] }
  | { kind: 'failed' };
