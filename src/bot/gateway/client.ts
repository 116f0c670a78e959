import {
  Client,
  DiscordAPIError,
  disableValidators,
  Events,
  GatewayCloseCodes,
  GatewayIntentBits,
  OAuth2Scopes,
  Options,
  Partials,
  PermissionFlagsBits,
  Status,
} from 'discord.js';
import type { Logger } from 'pino';
import type { Config } from '../../config.js';
import { EaselError } from '../../engine/errors.js';
import type { DiscordClock } from './discord-clock.js';
import { discordRequests } from './discord-requests.js';
import { gatewayIsOpen } from './gateway-open.js';

// They count UTF-16 units and refuse what Discord, which counts code points, takes: every text is cut before (`cut`).
disableValidators();

/** Uploads of a grid on a slow line take longer than discord.js's 15 seconds. */
const REST_TIMEOUT = 60_000;
/** Milliseconds that somebody who makes an emoji waits; Discord may ask for an hour (documentation, "Emoji", rate limits). */
const EXPRESSION_PATIENCE = 10_000;

/** Members of a guild, and users, that are remembered at a time. Each interaction brings those that it is about. */
const MEMBERS = 200;

const TOKEN_REFUSED =
  'DISCORD_TOKEN was refused. Copy it again: discord.com/developers/applications, your application, Bot, Reset Token.';
const INTENTS_REFUSED =
  'Discord refused the intents. This bot needs no privileged ones: is the token of another application?';

const {
  ViewChannel,
  SendMessages,
  SendMessagesInThreads,
  AttachFiles,
  EmbedLinks,
  ReadMessageHistory,
  CreateGuildExpressions,
} = PermissionFlagsBits;

/** What the bot needs in a guild, and nothing more. */
export const PERMISSIONS = [
  ViewChannel,
  SendMessages,
  SendMessagesInThreads,
  AttachFiles,
  EmbedLinks,
  ReadMessageHistory,
  CreateGuildExpressions,
];

/**
 * The client: no privileged intent, and caches of what is needed only. Reactions on messages that it never saw need the
 * partials.
 */
export function createClient({ discordApiUrl }: Pick<Config, 'discordApiUrl'>, clock: DiscordClock): Client {
  return new Client({
    intents: [
      GatewayIntentBits.Guilds,
      GatewayIntentBits.GuildMessageReactions,
      GatewayIntentBits.DirectMessageReactions,
    ],
    partials: [Partials.Message, Partials.Reaction, Partials.Channel, Partials.User],
    allowedMentions: { parse: [] },
    makeCache: Options.cacheWithLimits({
      ...Options.DefaultMakeCacheSettings,
      MessageManager: 100,
      ReactionManager: 100,
      ReactionUserManager: 0,
      ThreadMemberManager: 0,
      VoiceStateManager: 0,
      PresenceManager: 0,
      // Whoever asked for a picture, of all that ever did; the bot's own are what its rights are computed from.
      GuildMemberManager: { maxSize: MEMBERS, keepOverLimit: ({ id, client }) => id === client.user.id },
      UserManager: { maxSize: MEMBERS, keepOverLimit: ({ id, client }) => id === client.user?.id },
    }),
    rest: {
      ...(discordApiUrl && { api: discordApiUrl }),
      timeout: REST_TIMEOUT,
      makeRequest: discordRequests(clock),
      invalidRequestWarningInterval: 100,
      rejectOnRateLimit: ({ route, retryAfter }) =>
        /^\/guilds\/:id\/(emojis|stickers)$/.test(route) && retryAfter > EXPRESSION_PATIENCE,
    },
  });
}

/**
 * Logs in, as soon as Discord lets anybody in.
 *
 * @throws EaselError that says what to do about a token that is refused or a network that is not there.
 */
export async function login(client: Client, token: string, log: Logger): Promise<Client<true>> {
  try {
    // Asked before discord.js does: a client whose login failed cannot be used again.
    await gatewayIsOpen(client.rest.setToken(token), log);
    const ready = new Promise<void>((resolve) => client.once('clientReady', () => resolve()));
    await client.login(token);
    await ready;
    return client as Client<true>;
  } catch (cause) {
    const { code, message } = cause as { code?: string; message: string };
    if (code === 'TokenInvalid' || (cause instanceof DiscordAPIError && cause.status === 401)) {
      throw new EaselError(TOKEN_REFUSED, { cause });
    }
    if (/disallowed intents/i.test(message)) {
      throw new EaselError(INTENTS_REFUSED, { cause });
    }
    if (['ENOTFOUND', 'ECONNREFUSED', 'ETIMEDOUT', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'].includes(code ?? '')) {
      throw new EaselError(`Discord cannot be reached (${code}). Check the network, a proxy, and DISCORD_API_URL.`, {
        cause,
      });
    }
    throw new EaselError(`Discord did not let the bot in: ${message} Start it again.`, { cause });
  }
}

/** Whether every shard has its gateway: the client itself stays "ready" while it connects anew. */
export function isConnected(client: Client): boolean {
  return client.isReady() && client.ws.shards.every(({ status }) => status === Status.Ready);
}

/**
 * Resolves when Discord ends the connection with a code after which discord.js does not connect again (documentation,
 * "Gateway Close Event Codes"): above all when the token is reset while the bot runs.
 *
 * @returns what to do about it.
 */
export function closedForGood(client: Client): Promise<EaselError> {
  return new Promise((resolve) =>
    client.once(Events.ShardDisconnect, ({ code }) => {
      const known: Partial<Record<number, string>> = {
        [GatewayCloseCodes.AuthenticationFailed]: TOKEN_REFUSED,
        [GatewayCloseCodes.DisallowedIntents]: INTENTS_REFUSED,
      };
      resolve(new EaselError(known[code] ?? `Discord closed the connection for good (${code}). Update Easel.`));
    }),
  );
}

/** The link by which an administrator adds the bot, with exactly the permissions that it needs. */
export function inviteLink(client: Client<true>): string {
  return client.generateInvite({
    scopes: [OAuth2Scopes.Bot, OAuth2Scopes.ApplicationsCommands],
    permissions: PERMISSIONS,
  });
}
