import { createHash } from 'node:crypto';
import {
  type Client,
  type RESTPostAPIApplicationCommandsJSONBody as CommandBody,
  type DiscordAPIError,
  Routes,
} from 'discord.js';
import type Keyv from 'keyv';
import type { Logger } from 'pino';
import type { Config } from '../../config.js';
import { EaselError } from '../../engine/errors.js';
import { verdict } from './discord-errors.js';
import { retry } from './retry.js';

/** Most milliseconds between attempts. */
const LONGEST_WAIT = 60_000;

interface RegistryOptions {
  readonly client: Client<true>;
  readonly config: Pick<Config, 'guildId' | 'discordApiUrl'>;
  readonly log: Logger;
  /** Remembers what was registered last. */
  readonly store: Keyv;
}

/**
 * Registers the commands with Discord, but only if they have changed since, because there is a daily limit: in one
 * guild, where they appear at once, if one is configured, otherwise everywhere.
 *
 * @returns whether anything had changed.
 */
export async function registerCommands(
  commands: readonly CommandBody[],
  { client, config, log, store }: RegistryOptions,
): Promise<boolean> {
  const { guildId } = config;
  const id = client.application.id;
  const hash = createHash('sha256').update(JSON.stringify(commands)).digest('hex');
  const key = `commands:${config.discordApiUrl ?? ''}:${id}:${guildId ?? 'global'}`;
  if ((await store.get(key)) === hash) return false;
  const route = guildId ? Routes.applicationGuildCommands(id, guildId) : Routes.applicationCommands(id);
  await retry(() => client.rest.put(route, { body: commands }), {
    longestWait: LONGEST_WAIT,
    failed: (err, wait) => {
      if (verdict(err) !== 'retry') throw refused(err as DiscordAPIError, guildId);
      log.warn({ err, wait }, 'Discord did not accept the commands; trying again');
      return true;
    },
  });
  await store.set(key, hash);
  return true;
}

function refused(cause: DiscordAPIError, guildId: string | undefined): EaselError {
  const remedy = guildId
    ? `Is the bot in the server that GUILD_ID names (${guildId})?`
    : 'Discord limits how often commands can be changed in a day: if that is the reason, try again tomorrow.';
  return new EaselError(`Discord refused the commands: ${cause.message} (${cause.code}). ${remedy}`, { cause });
}
