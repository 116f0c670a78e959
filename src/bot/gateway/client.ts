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
} from 'discord.js';
import type { Logger } from 'pino';
import type { Config } from '../../config.js';
import { EaselError } from '../../engine/errors.js';
import { hearDirectMessages } from './direct-messages.js';
import type { DiscordClock } from './discord-clock.js';
import { discordRequests } from './discord-requests.js';
import { connectWhenOpen } from './gateway-open.js';

// They count UTF-16 units and refuse texts that Discord, which counts code points, accepts. All texts are cut
// beforehand (`cut`).
disableValidators();

/** Uploading a grid over a slow line takes longer than discord.js's 15 seconds. */
const REST_TIMEOUT = 60_000;
/**
 * Milliseconds that a member waits for an emoji; Discord's rate limit can be an hour (documentation, "Emoji", rate
 * limits).
 */
const EXPRESSION_PATIENCE = 10_000;

/** Members of a guild, and users, that are cached. Every interaction brings those it is about. */
const MEMBERS = 200;

const TOKEN_REFUSED =
  'DISCORD_TOKEN was refused. Copy it again: discord.com/developers/applications, your application, Bot, Reset Token.';
const MORE_SHARDS =
  'Discord wants the bot to connect with more shards, because it is in more servers now (4011). Start it again: at every start it asks how many.';
const INTENTS_REFUSED =
  'Discord refused the intents. This bot needs no privileged ones: is the token of another application?';

/** The permissions that the bot needs in a guild, and no others. */
export const PERMISSIONS = [
  PermissionFlagsBits.ViewChannel,
  PermissionFlagsBits.SendMessages,
  PermissionFlagsBits.SendMessagesInThreads,
  PermissionFlagsBits.AttachFiles,
  PermissionFlagsBits.EmbedLinks,
  PermissionFlagsBits.ReadMessageHistory,
  PermissionFlagsBits.CreateGuildExpressions,
];

/**
 * The client: without privileged intents, and with caches of only what is needed. Reactions on messages that are not
 * cached need the partials.
 *
 * @param fence throws while nothing may be said to Discord.
 */
export function createClient(
  { discordApiUrl }: Pick<Config, 'discordApiUrl'>,
  clock: DiscordClock,
  fence: () => void = () => {},
): Client {
  const request = discordRequests(clock);
  const client = new Client({
    intents: [
      GatewayIntentBits.Guilds,
      // For mentions and direct messages: without the privileged intent, other messages come without their content.
      GatewayIntentBits.GuildMessages,
      GatewayIntentBits.DirectMessages,
      GatewayIntentBits.GuildMessageReactions,
      GatewayIntentBits.DirectMessageReactions,
    ],
    // As many as Discord recommends: it refuses more than 2,500 servers on one (documentation, "Sharding").
    shards: 'auto',
    partials: [Partials.Message, Partials.Reaction, Partials.Channel, Partials.User],
    allowedMentions: { parse: [] },
    ws: { buildStrategy: (manager) => new PatientStrategy(manager) },
    makeCache: Options.cacheWithLimits({
      ...Options.DefaultMakeCacheSettings,
      // Messages are fetched when needed, and most are other people's.
      MessageManager: 0,
      ReactionManager: 100,
      ReactionUserManager: 0,
      ThreadMemberManager: 0,
      VoiceStateManager: 0,
      PresenceManager: 0,
      // Keeps recent members, and the bot's own member, from which its permissions are computed.
      GuildMemberManager: { maxSize: MEMBERS, keepOverLimit: ({ id, client }) => id === client.user.id },
      UserManager: { maxSize: MEMBERS, keepOverLimit: ({ id, client }) => id === client.user?.id },
    }),
    rest: {
      ...(discordApiUrl && { api: discordApiUrl }),
      timeout: REST_TIMEOUT,
      makeRequest: async (url, init) => {
        fence();
        return request(url, init);
      },
      invalidRequestWarningInterval: 100,
      rejectOnRateLimit: ({ route, retryAfter }) =>
        /^\/guilds\/:id\/(emojis|stickers)$/.test(route) && retryAfter > EXPRESSION_PATIENCE,
    },
  });
  hearDirectMessages(client);
  return client;
}

/**
 * Logs in as soon as Discord can be reached and accepts connections.
 *
 * @throws EaselError that says what to do about a token or intents that are refused.
 */
export async function login(client: Client, token: string, log: Logger): Promise<Client<true>> {
  const { rest } = client;
  // `client.login` would destroy the client at the first failure; this is what it does otherwise.
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

/** Shards that reconnect by themselves for as long as it takes, instead of giving up at the first failure. */
class PatientStrategy extends SimpleShardingStrategy {
  override async connect(): Promise<void> {
    void super.connect().catch(() => {});
  }
}

/**
 * Resolves when Discord closes the connection of any shard with a code after which discord.js does not reconnect (documentation,
 * "Gateway Close Event Codes"), such as when the token is reset while the bot runs.
 *
 * @returns what to do about it.
 */
export function closedForGood(client: Client): Promise<EaselError> {
  return new Promise((resolve) =>
    client.once(Events.ShardDisconnect, ({ code }) => {
      const known: Partial<Record<number, string>> = {
        [GatewayCloseCodes.AuthenticationFailed]: TOKEN_REFUSED,
        [GatewayCloseCodes.ShardingRequired]: MORE_SHARDS,
        [GatewayCloseCodes.DisallowedIntents]: INTENTS_REFUSED,
      };
      resolve(new EaselError(known[code] ?? `Discord closed the connection for good (${code}). Update Easel.`));
    }),
  );
}

/** The link with which an administrator adds the bot, with exactly the permissions it needs. */
export function inviteLink(client: Client<true>): string {
  return client.generateInvite({
    scopes: [OAuth2Scopes.Bot, OAuth2Scopes.ApplicationsCommands],
    permissions: PERMISSIONS,
  });
}
