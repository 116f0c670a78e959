import pino, { type DestinationStream, type Logger } from 'pino';
import type { Config } from '../../config.js';
import { remedyOf } from '../text/remedies.js';

type LogConfig = Pick<Config, 'logLevel' | 'discordToken' | 'databaseUrl'>;

const HIDDEN = '[hidden]';

/** What lets its finder act as the bot: paths of webhooks and interaction callbacks, and fields of that name. */
const SECRET_PATTERNS: readonly [RegExp, string][] = [
  [/(\/webhooks\/\d+\/|\/interactions\/\d+\/)[\w.%~-]+/g, `$1${HIDDEN}`],
  [/("(?:token|authorization|password)"\s*:\s*")(?:[^"\\]|\\.)*/gi, `$1${HIDDEN}`],
  // The same inside a text that is JSON itself.
  [/(\\"(?:token|authorization|password)\\"\s*:\s*\\")[^"\\]*/gi, `$1${HIDDEN}`],
  [/\b(Bot|Bearer) [\w-]+\.[\w-]+\.[\w-]+/g, `$1 ${HIDDEN}`],
  [/(\b[a-z]+:\/\/[^\s:/@"]*:)[^\s@"]+@/gi, `$1${HIDDEN}@`],
];

/**
 * The one logger: JSON lines. Secrets are taken out of the finished line, because they also travel in the messages, URLs
 * and stacks of errors that others made.
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
 * With the remedy, if there is one. Without the body of a request to Discord, which an error of discord.js carries: prompts
 * are nobody's business, and its message names the fields.
 */
function loggedError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { requestBody: _, ...told } = pino.stdSerializers.err(error) as pino.SerializedError & {
    requestBody?: unknown;
  };
  const remedy = remedyOf(error);
  return remedy ? { ...told, remedy } : told;
}

/** @returns what takes every secret out of a text: for whatever leaves the process by another way than the log. */
function hiderOf({ discordToken, databaseUrl }: Omit<LogConfig, 'logLevel'>): (text: string) => string {
  const secrets = [discordToken, new URL(databaseUrl).password].filter((secret) => secret.length > 0);
  return (text) => {
    let hidden = text;
    for (const secret of secrets) hidden = hidden.replaceAll(secret, HIDDEN);
    for (const [pattern, replacement] of SECRET_PATTERNS) hidden = hidden.replace(pattern, replacement);
    return hidden;
  };
}
