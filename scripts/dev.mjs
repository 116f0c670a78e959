// `npm run dev`: the bot and the page, each as it is being edited. What node is given follows `--`: npm run dev -- --inspect
//
// The bot and its children run what `npm start` runs, built again at every change, and not the sources through a loader: painters and inspectors
// are started with limits and options of their own, which a loader would have to survive.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { config as loadEnv } from 'dotenv';
import pretty from 'pino-pretty';
import { watch } from 'rolldown';
import { loadConfig } from 'rolldown/config';
import { createServer } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);
loadEnv({ quiet: true });

/** What the bot reads at its start, beside its modules. */
const READ = [
  '.env',
  'package.json',
  ...readdirSync('src/bot/text/locales').map((file) => `src/bot/text/locales/${file}`),
];
/** Without a token the bot is in the local Discord, whose page is to be seen. */
const port = process.env.LOCAL_PORT?.trim() || '8400';
const page = process.env.DISCORD_TOKEN?.trim() ? undefined : await openPage();
const lines = pretty({ ignore: 'pid,hostname', destination: 1, sync: true });

let bot;
let ending = false;
/** A build that came while the bot was being stopped starts no second one. */
let restarting = false;

const build = await loadConfig('rolldown.config.ts');
// So that Chrome's debugger can show them.
const output = { ...build.output, sourcemapExcludeSources: false };
/** What the engine runs in threads and processes of its own, where they are in its package. */
const threads = ['int8/worker', 'runtime/thread-entry', 'runtime/trial-process'];
const watcher = watch([
  { ...build, output, plugins: [{ name: 'read-at-start', buildStart: alsoWatch }] },
  {
    ...build,
    input: Object.fromEntries(threads.map((name) => [name, `src/engine/${name}.ts`])),
    output: { ...output, dir: 'src/engine/dist' },
  },
]);
let failed = false;
watcher.on('event', async (event) => {
  if (event.code === 'START') failed = false;
  if (event.code === 'ERROR') {
    failed = true;
    say(`${event.error.message}\nThe bot stays as it was until that is mended.`);
  }
  await event.result?.close();
  if (event.code === 'END' && !failed) await restart();
});
process.on('SIGINT', end);
process.on('SIGTERM', end);

async function openPage() {
  process.env.LOCAL_DISCORD ??= `http://127.0.0.1:${port}`;
  const server = await createServer({ root: 'src/discord/page', clearScreen: false });
  await server.listen();
  return server;
}

async function restart() {
  if (restarting || ending) return;
  restarting = true;
  await stop();
  restarting = false;
  if (ending) return;
  const env = { LOG_LEVEL: 'info', ...process.env, LOCAL_PORT: port };
  const started = spawn(process.execPath, ['--enable-source-maps', ...process.argv.slice(2), 'dist/src/main.js'], {
    env,
    // Were it a terminal, every start would open a browser.
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  started.stdout.pipe(lines, { end: false });
  started.once('exit', (code, signal) => {
    if (bot === started && !restarting && !ending)
      say(`The bot ended (${signal ?? code}). It starts again after the next change.`);
  });
  bot = started;
  if (page) say(`The page, as it is being edited: ${page.resolvedUrls.local[0]}`);
}

/** It gives back what it paints, and goes on with it after the next start. */
async function stop() {
  if (!bot || bot.exitCode !== null || bot.signalCode !== null) return;
  bot.kill('SIGTERM');
  await once(bot, 'exit');
}

async function end() {
  if (ending) return;
  ending = true;
  await Promise.all([stop(), watcher.close(), page?.close()]);
  process.exit(0);
}

function alsoWatch() {
  for (const file of READ) this.addWatchFile(join(root, file));
}

function say(text) {
  console.log(`dev: ${text}`);
}
