import { join } from 'node:path';
import type { Logger } from 'pino';
import * as commands from '../commands/table.js';
import { type Bot, startBot } from './bot/bot.js';
import { Releases } from './bot/ops/releases.js';
import type { LocalPainters } from './bot/painter/local-painters.js';
import { type Config, DEFAULT_MODEL } from './config.js';
import { LocalDiscord } from './discord/local-discord.js';
import { servePage } from './discord/page-api.js';
import { seed } from './discord/seed.js';
import { Persistence } from './discord/storage/persistence.js';
import { EaselError } from './engine/errors.js';
import { packageRoot } from './package-root.js';

/** A bot in the local Discord. */
export interface Local {
  readonly url: string;
  readonly bot: Bot;
  stop(): Promise<void>;
}

/**
 * Starts a local Discord with its page, and the bot in it. Its data is kept in DATA_DIR/discord.
 *
 * @param painters are closed with the bot, also if nothing starts.
 * @throws EaselError for a port that is taken, or what the bot throws.
 */
export async function startLocal(config: Config, log: Logger, painters?: LocalPainters): Promise<Local> {
  const releases = new Releases();
  releases.defer(async () => painters?.close());
  try {
    const discord = await LocalDiscord.start({ host: config.localHost, port: config.localPort }).catch((cause) => {
      if (cause.code !== 'EADDRINUSE' && cause.code !== 'EACCES') throw cause;
      throw new EaselError(
        `Port ${config.localPort} is not available (${cause.code}). Use another port, and another folder too if an Easel uses it: LOCAL_PORT=8401 DATA_DIR=second npm start`,
        { cause },
      );
    });
    releases.defer(() => discord.stop());
    const { persistence } = await Persistence.open(discord.world, join(config.dataDir, 'discord'), {
      begin: () => seed(discord),
      tell: (line) => log.error(line),
    });
    releases.defer(() => persistence.close());
    const application = [...discord.world.applications.values()][0]!;
    // Browser windows that outlived a restart may be back before the bot; the example prompts follow.
    let examples: readonly string[] = [];
    let isDemonstration = false;
    servePage(
      discord,
      join(packageRoot, 'dist/page'),
      () => examples,
      () => isDemonstration,
    );
    const bot = await startBot(
      { ...config, discordToken: application.token, discordApiUrl: discord.apiUrl },
      log,
      commands,
      painters,
    );
    releases.defer(() => bot.stop());
    examples = bot.app.models.get(bot.app.config.model)!.model.card.examples;
    isDemonstration = bot.app.config.model === DEFAULT_MODEL;
    discord.world.publish({ name: 'LOCAL_EXAMPLES', data: null });
    return { url: discord.url, bot, stop: () => releases.all() };
  } catch (error) {
    await releases.all();
    throw error;
  }
}
