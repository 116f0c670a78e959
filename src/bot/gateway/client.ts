import {
  Client,
  disableValidators,
  Events,
  GatewayCloseCodes,
  GatewayIntentBits,
  OAuth2Scopes,
  Options,
  Partials,
  PermissionFlagsBits,
  SimpleShardingStrategy,
  Status,
} from 'discord.js';
import type { Logger } from 'pino';
import type { Config } from '../../config.js';
import { EaselError } from '../../engine/errors.js';
import type { DiscordClock } from './discord-clock.js';
import { discordRequests } from './discord-requests.js';
import { connectWhenOpen } from './gateway-open.js';

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
      // Who is mentioned, and direct messages: without the privileged intent, all else comes without its content.
      GatewayIntentBits.GuildMessages,
      GatewayIntentBits.DirectMessages,
      GatewayIntentBits.GuildMessageReactions,
      GatewayIntentBits.DirectMessageReactions,
    ],
    partials: [Partials.Message, Partials.Reaction, Partials.Channel, Partials.User],
    allowedMentions: { parse: [] },
    ws: { buildStrategy: (manager) => new PatientStrategy(manager) },
    makeCache: Options.cacheWithLimits({
      ...Options.DefaultMakeCacheSettings,
      // They are looked up when they matter, and most are other people's.
      MessageManager: 0,
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
 * Logs in, as soon as Discord can be reached and lets anybody in.
 *
 * @throws EaselError that says what to do about a token or intents that are refused.
 */
export async function login(client: Client, token: string, log: Logger): Promise<Client<true>> {
  const { rest } = client;
  // `client.login` would end the client for good at the first failure; this is what else it does.
  const ws = client.ws as unknown as { connect(): Promise<void> };
  client.token = token;
  const refused = closedForGood(client);
  const ready = new Promise<void>((resolve) => client.once(Events.ClientReady, () => resolve()));
  try {
    await connectWhenOpen(rest.setToken(token), () => ws.connect(), log);
  } catch (cause) {
    if ((cause as { code?: string }).code === 'TokenInvalid' || (cause as { status?: number }).status === 401) {
      throw new EaselError(TOKEN_REFUSED, { cause });
    }
    throw new EaselError(`Discord did not accept the connection: ${(cause as Error).message} Start the bot again.`, {
      cause,
    });
  }
  const closed = () =>
    log.warn('The gateway closed the connection before the bot was ready. Trying again until it is.');
  client.once(Events.ShardReconnecting, closed);
  await Promise.race([ready, refused.then((error) => Promise.reject(error))]);
  client.off(Events.ShardReconnecting, closed);
  return client as Client<true>;
}

/** Shards that connect by themselves for as long as it takes: the first trouble with a gateway is not the end of the bot. */
class PatientStrategy extends SimpleShardingStrategy {
  override async connect(): Promise<void> {
    void super.connect().catch(() => {});
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
