/**
 * How long a bot that is started again keeps those waiting who are in its queue: from its start to the first step of the
 * model that ships. `npm run measure:start [-- rounds]`; CPU seconds are those of each process until then (Linux).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { Store } from '../src/bot/storage/store.js';
import { DEFAULT_MODEL } from '../src/config.js';
import { LocalDiscord } from '../src/discord/local-discord.js';
import { seed } from '../src/discord/seed.js';
import { openModel } from '../src/engine/checkpoint/open.js';
import { EMBEDDED_MODEL } from '../src/engine/embedded-model.js';
import { packageRoot } from '../src/package-root.js';

const rounds = Number(process.argv[2] ?? 3);
/** A clock tick in /proc. */
const TICKS = 100;

for (let round = 0; round < rounds; round++) {
  const folder = mkdtempSync(join(tmpdir(), 'easel-start-'));
  const discord = await LocalDiscord.start({ port: 0 });
  try {
    seed(discord);
    const [application, guild, channel, user] = [
      [...discord.world.applications.values()][0]!,
      [...discord.world.guilds.values()][0]!,
      [...discord.world.channels.values()].find(({ guildId }) => guildId)!,
      [...discord.world.users.values()].find(({ bot }) => !bot)!,
    ];
    await leaveJob(folder, {
      applicationId: application.id,
      guildId: guild.id,
      channelId: channel.id,
      userId: user.id,
    });
    const began = performance.now();
    const bot = spawn(process.execPath, [join(packageRoot, 'dist/src/main.js')], {
      cwd: folder,
      env: {
        ...process.env,
        DISCORD_TOKEN: application.token,
        DISCORD_API_URL: discord.apiUrl,
        DATA_DIR: join(folder, 'data'),
        HEALTH_PORT: '0',
        LOG_LEVEL: 'debug',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      await firstStep(bot);
      const wall = (performance.now() - began) / 1000;
      const each = [bot.pid!, ...childrenOf(bot.pid!)].map((pid) => `${programOf(pid)} ${cpuOf(pid).toFixed(2)}`);
      console.log(`first step after ${wall.toFixed(2)} s; s CPU: ${each.join(', ')}`);
    } finally {
      bot.kill('SIGTERM');
      await once(bot, 'exit');
    }
  } finally {
    await discord.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Origin {
  applicationId: string;
  guildId: string;
  channelId: string;
  userId: string;
}

/** As a bot leaves it that is stopped with a job in its queue. */
async function leaveJob(folder: string, origin: Origin): Promise<void> {
  mkdirSync(join(folder, 'data'));
  const side = (await openModel(EMBEDDED_MODEL)).card.nativeSize;
  await using store = await Store.open({ databaseUrl: `sqlite://${join(folder, 'data/easel.sqlite')}` });
  await store.namespace('jobs').set('1', {
    id: '1',
    request: {
      kind: 'txt2img',
      model: DEFAULT_MODEL,
      prompt: 'a red apple',
      negative: '',
      width: side,
      height: side,
      count: 1,
      steps: 20,
      scale: 4,
      sampler: 'ddim',
      seed: 1,
    },
    origin: {
      ...origin,
      locale: 'en-US',
      ephemeral: false,
      spoiler: false,
      attachmentSizeLimit: 8e6,
      replyTo: null,
      userInstalled: false,
    },
    createdAt: Date.now(),
    work: 1,
    attempts: 0,
  });
}

async function firstStep(bot: ChildProcess): Promise<void> {
  for await (const line of createInterface({ input: bot.stdout! })) if (line.includes('the first step')) return;
  throw new Error('The bot ended before the first step.');
}

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return text ? text.split(' ').map(Number) : [];
}

/** `main`, `child` or `inspector`. */
function programOf(pid: number): string {
  const script = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
    .split('\0')
    .find((word) => word.endsWith('.js'));
  return script ? basename(script, '.js') : 'starting';
}

/** CPU seconds of a process until now. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}
