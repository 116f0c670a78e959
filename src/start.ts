import { spawn } from 'node:child_process';
import type { Logger } from 'pino';
import type { Bot } from './bot/bot.js';
import { createLogger } from './bot/ops/log.js';
import { LocalPainters } from './bot/painter/local-painters.js';
import { remedyOf } from './bot/text/remedies.js';
import { type Config, DEFAULT_MODEL, hasDesktop, hasToken, loadConfig, loadEnv, localEnv } from './config.js';
import { prepareDataDir } from './data-dir.js';
import { EaselError } from './engine/errors.js';
import { onnxRuntime } from './engine/runtime/native.js';
import type { Local } from './local.js';
import { showSources } from './source-stack.js';

const HELP = `npm start

Without DISCORD_TOKEN: opens a Discord of your own in the browser, with the bot in it.
With DISCORD_TOKEN in .env or in the environment: connects the bot to Discord.
.env.example lists all settings.`;

/** Files that the bot writes are private: they hold prompts, and tokens that act in its name. */
const PRIVATE = 0o077;
/** Milliseconds after which a stop is forced: service managers kill after ten seconds. */
const LONGEST_STOP = 10_000;

process.on('uncaughtExceptionMonitor', showSources);
const words = process.argv.slice(2);

if (words.some((word) => word === '--help' || word === '-h')) {
  console.log(HELP);
} else if (words.length > 0) {
  // Whoever passes arguments wants the command line, not a bot.
  console.error(`easel: this starts the bot and takes no arguments. The command line is: npx easel ${words.join(' ')}`);
  process.exitCode = 2;
} else {
  await main().catch((error: unknown) => {
    if (!(error instanceof EaselError)) throw error;
    const remedy = remedyOf(error);
    for (const line of [...error.message.split('\n'), ...(remedy ? [remedy] : [])]) console.error(`easel: ${line}`);
    process.exitCode = 1;
  });
}

async function main(): Promise<void> {
  await loadEnv();
  const local = !hasToken();
  const config = loadConfig(local ? localEnv() : undefined);
  const usual = process.umask(PRIVATE);
  const open = prepareDataDir(config.dataDir);
  const log = createLogger(config);
  if (open.length > 0)
    log.warn(
      { paths: open.slice(0, 10) },
      'other accounts can read these files in DATA_DIR, and their permissions cannot be changed',
    );
  // They open the model in their own processes while what talks to Discord is still being loaded here.
  const painters = config.painters ? undefined : LocalPainters.start(config, log);
  painters?.prepare(config.model);
  await onnxRuntime().catch(async (error) => {
    await painters?.close();
    throw error;
  });
  const running = local ? await inLocal(config, log, painters) : await inDiscord(config, log, painters);

  let stopping = false;
  const stop = (exitCode: number) => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(1), LONGEST_STOP).unref();
    void running.stop().then(
      () => process.exit(exitCode),
      (error) => {
        log.error({ err: error }, 'stopping failed');
        process.exit(1);
      },
    );
  };
  process.once('SIGTERM', () => stop(0));
  process.once('SIGINT', () => stop(0));
  const { closed } = 'bot' in running ? running.bot : running;
  void closed.then(({ message }) => {
    log.fatal(message);
    stop(1);
  });

  if ('url' in running) {
    console.log(`Easel is here: ${running.url}`);
    sayWhatPaints(running.bot.app.config.model);
    openBrowser(running.url, usual);
  } else {
    console.log(`Add the bot to your server: ${running.inviteLink}`);
    sayWhatPaints(running.app.config.model);
  }
}

/** The model that ships shows how everything works, not what Stable Diffusion paints. */
function sayWhatPaints(model: string): void {
  if (model !== DEFAULT_MODEL) return;
  console.log(`It paints with ${model}, a small demonstration. A real model: npx easel pull sd-v1-5`);
}

async function inLocal(config: Config, log: Logger, painters?: LocalPainters): Promise<Local> {
  const { startLocal } = await import('./local.js');
  return startLocal(config, log, painters);
}

async function inDiscord(config: Config, log: Logger, painters?: LocalPainters): Promise<Bot> {
  const [commands, { startBot }] = await Promise.all([import('../commands/table.js'), import('./bot/bot.js')]);
  return startBot(config, log, commands, painters);
}

/** On a desktop the page opens by itself; elsewhere the address is enough. */
function openBrowser(url: string, umask: number): void {
  if (!hasDesktop()) return;
  // The browser's files must not get our umask.
  const own = process.umask(umask);
  const [command, ...words] = { darwin: ['open'], win32: ['cmd', '/c', 'start', ''] }[
    process.platform as 'darwin' | 'win32'
  ] ?? ['xdg-open'];
  spawn(command!, [...words, url], { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref();
  process.umask(own);
}
