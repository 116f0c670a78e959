import { spawn } from 'node:child_process';
import { startBot } from './bot/bot.js';
import { createLogger } from './bot/log.js';
import { hasDesktop, hasToken, loadConfig, loadEnv, localEnv } from './config.js';
import { prepareDataDir } from './data-dir.js';
import { EaselError } from './engine/errors.js';
import { onnxRuntime } from './engine/runtime/native.js';
import { startLocal } from './local.js';

const HELP = `npm start

Without DISCORD_TOKEN: opens a Discord of your own in the browser, with the bot in it.
With DISCORD_TOKEN in .env or in the environment: connects the bot to Discord.
.env.example says what else can be set.`;

/** Milliseconds after which a stop is forced: service managers kill after ten seconds. */
const LONGEST_STOP = 10_000;

if (process.argv.slice(2).some((word) => word === '--help' || word === '-h')) {
  console.log(HELP);
} else {
  await main().catch((error: unknown) => {
    if (!(error instanceof EaselError)) throw error;
    for (const line of error.message.split('\n')) console.error(`easel: ${line}`);
    process.exitCode = 1;
  });
}

async function main(): Promise<void> {
  loadEnv();
  const local = !hasToken();
  const config = loadConfig(local ? localEnv() : undefined);
  prepareDataDir(config.dataDir);
  await onnxRuntime();
  const log = createLogger(config);
  const running = local ? await startLocal(config, log) : await startBot(config, log);

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
    openBrowser(running.url);
  } else {
    console.log(`Add the bot to your server: ${running.inviteLink}`);
  }
}

/** On a desktop the page opens by itself; elsewhere the address is enough. */
function openBrowser(url: string): void {
  if (!hasDesktop()) return;
  const [command, ...words] = { darwin: ['open'], win32: ['cmd', '/c', 'start', ''] }[
    process.platform as 'darwin' | 'win32'
  ] ?? ['xdg-open'];
  spawn(command!, [...words, url], { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref();
}
