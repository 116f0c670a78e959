import pino, { type DestinationStream, type Logger } from 'pino';
import type { Config } from '../../config.js';
import { inSources } from '../../source-stack.js';
import { remedyOf } from '../text/remedies.js';

/** Those that paint for a bot elsewhere have no account at Discord and no database. */
type LogConfig = Pick<Config, 'logLevel'> &
  Partial<Pick<Config, 'discordToken' | 'databaseUrl' | 'painters' | 'apiKey'>>;

const HIDDEN = '[hidden]';

/** Secrets that let anyone act as the bot: paths of webhooks and interaction callbacks, and fields with these names. */
const SECRET_PATTERNS: readonly [RegExp, string][] = [
  [/(\/webhooks\/\d+\/|\/interactions\/\d+\/)[\w.%~-]+/g, `$1${HIDDEN}`],
  [/("(?:token|authorization|password)"\s*:\s*")(?:[^"\\]|\\.)*/gi, `$1${HIDDEN}`],
  // The same in text that is itself JSON.
  [/(\\"(?:token|authorization|password)\\"\s*:\s*\\")[^"\\]*/gi, `$1${HIDDEN}`],
  [/\b(Bot|Bearer) [\w-]+\.[\w-]+\.[\w-]+/g, `$1 ${HIDDEN}`],
  [/(\b[a-z]+:\/\/[^\s:/@"]*:)[^\s@"]+@/gi, `$1${HIDDEN}@`],
];

/**
 * The one logger: JSON lines. Secrets are removed from the finished line, because they also travel in the messages,
 * URLs and stacks of other libraries' errors.
 */
export function createLogger(config: LogConfig, destination: DestinationStream = pino.destination(1)): Logger {
  const hide = hiderOf(config);
  return pino(
    {
      level: config.logLevel,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      hooks: { streamWrite: hide },
      serializers: { err: loggedError },
    },
    destination,
  );
}

/**
 * Adds the remedy, if there is one, and names places in the sources. Removes the body of the request that a discord.js error carries, because prompts
 * are private and the message names the fields.
 */
function loggedError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { requestBody: _, ...told } = pino.stdSerializers.err(error) as pino.SerializedError & {
    requestBody?: unknown;
  };
  const remedy = remedyOf(error);
  return { ...told, ...(told.stack && { stack: inSources(told.stack) }), ...(remedy && { remedy }) };
}

/** @returns a function that removes all secrets from a text, for output that does not go through the log. */
function hiderOf({
  discordToken = '',
  apiKey = '',
  databaseUrl,
  painters,
}: Omit<LogConfig, 'logLevel'>): (text: string) => string {
  const passwords = [databaseUrl, painters].flatMap((url) => (url ? new URL(url).password : []));
  // As it is written in the address, and as it is sent.
  const secrets = [discordToken, apiKey, ...passwords, ...passwords.map(decoded)].filter((secret) => secret.length > 0);
  return (text) => {
    let hidden = text;
    for (const secret of secrets) hidden = hidden.replaceAll(secret, HIDDEN);
    for (const [pattern, replacement] of SECRET_PATTERNS) hidden = hidden.replace(pattern, replacement);
    return hidden;
  };
}

function decoded(password: string): string {
  try {
    return decodeURIComponent(password);
  } catch {
    return password;
  }
}
