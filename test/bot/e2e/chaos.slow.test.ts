import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, test } from 'vitest';
import type { Message } from '../../../src/discord/things.js';
import { packageRoot } from '../../../src/package-root.js';
import { freePort, hasCommand, listening } from '../servers.js';
import { Studio } from './harness.js';

// Everything at once: the bot, its painter and its store are killed, the disk fills up, Discord's responses are lost.
// Every accepted request ends as one picture, one reported failure, or one "Cancelled." for whoever cancelled it.

const SECONDS = Number(process.env.CHAOS_SECONDS ?? 40);
const SEED = Number(process.env.CHAOS_SEED ?? Math.floor(Math.random() * 1e6));
/** Bytes; the pictures of some dozen requests fit. */
const SMALL_DISK = 12 * 2 ** 20;

/** Called when a test ends, the last first. */
type AtEnd = (release: () => void | Promise<void>) => void;

/** Mulberry32: the same seed gives the same failures. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The bot as a service manager runs it: restarted whenever it ends. */
function service(env: NodeJS.ProcessEnv) {
  let child: ChildProcess | null = null;
  let stopped = false;
  let starts = 0;
  const start = () => {
    if (stopped) return;
    starts++;
    const { PATH, HOME } = process.env;
    child = spawn(process.execPath, [join(packageRoot, 'dist/src/main.js')], {
      env: { PATH, HOME, ...env },
      stdio: 'ignore',
    });
    child.once('exit', () => setTimeout(start, 500));
  };
  start();
  const kill = (pid: number | undefined) => {
    try {
      if (pid) process.kill(pid, 'SIGKILL');
    } catch {
      // It ended by itself.
    }
  };
  return {
    killBot: () => kill(child?.pid),
    killPainter: () => {
      const { pid } = child ?? {};
      if (pid) for (const own of childrenOf(pid)) kill(own);
    },
    starts: () => starts,
    stop: () => {
      stopped = true;
      kill(child?.pid);
    },
  };
}

function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/** A Redis that keeps what it confirmed, whenever it is killed. */
async function durableRedis(atEnd: AtEnd) {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'easel-chaos-redis-'));
  let redis: ChildProcess;
  const start = () => {
    const kept = ['--dir', folder, '--save', '', '--appendonly', 'yes', '--appendfsync', 'always'];
    redis = spawn('redis-server', ['--port', `${port}`, ...kept], { stdio: 'ignore' });
    return listening(port);
  };
  await start();
  atEnd(() => {
    redis.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });
  const restart = async () => {
    redis.kill('SIGKILL');
    await sleep(1500);
    await start();
  };
  return { url: `redis://127.0.0.1:${port}`, restart };
}

/** A disk of its own under DATA_DIR, where this user may mount one. @returns whether there is one. */
function smallDisk(folder: string, atEnd: AtEnd): boolean {
  try {
    mkdirSync(folder, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SMALL_DISK}`, 'none', folder], { stdio: 'ignore' });
    atEnd(() => void execFileSync('umount', ['-l', folder]));
    return true;
  } catch {
    return false;
  }
}

/** Takes the rest of the disk's space, for a while. */
async function fillDisk(folder: string): Promise<void> {
  const filler = join(folder, 'filler');
  try {
    for (let size = SMALL_DISK; size >= 512; ) {
      try {
        writeFileSync(filler, Buffer.alloc(size), { flag: 'a' });
      } catch {
        size >>= 1;
      }
    }
    await sleep(4000);
  } finally {
    rmSync(filler, { force: true });
  }
}

// At the same time: most of it is waiting.
describe.concurrent.each([
  ['SQLite on a disk that fills', false],
  ['Redis that is killed', true],
])('%s', (name, redis) => {
  test.skipIf(redis && !hasCommand('redis-server'))('whatever was accepted ends once', async (context) => {
    const { expect, onTestFinished: atEnd } = context;
    console.log(`chaos, ${name}: CHAOS_SEED=${SEED} CHAOS_SECONDS=${SECONDS}`);
    const random = randomFrom(SEED);
    const store = redis ? await durableRedis(atEnd) : null;
    const limits = { USER_QUEUE: '1000', GUILD_QUEUE: '1000', USER_PER_HOUR: '100000', GUILD_PER_HOUR: '100000' };
    const env = { ...limits, HEALTH_PORT: `${await freePort()}`, ...(store && { DATABASE_URL: store.url }) };
    const studio = await Studio.withoutBot(env);
    atEnd(() => studio.stop());
    const { discord, alice, bob, guild, dataDir } = studio;
    const disk = !redis && smallDisk(dataDir, atEnd);
    if (!redis && !disk) console.log('no disk may be mounted here: none is filled');
    const channels = ['one', 'two', 'three'].map((channel) => studio.channel(channel));
    const users = [alice, bob, ...['carol', 'dan'].map((user) => discord.createUser(user))];
    for (const user of users) discord.join(guild, user);
    const bot = service(studio.environment);
    atEnd(() => bot.stop());
    await discord.until(() => (studio.application.commands.get('')?.length ?? 0) > 0, 120_000);

    discord.faults.random = random;
    const callback = /^POST .*\/callback/;
    const edit = /^PATCH \/webhooks/;
    const send = /^POST \/channels\/\d+\/messages/;
    for (const match of [callback, edit, send]) {
      discord.faults.add({ match, chance: 0.08, closed: true });
      discord.faults.add({ match, chance: 0.08, closed: true, carriedOut: true });
      discord.faults.add({ match, chance: 0.08, status: 502, carriedOut: true });
      discord.faults.add({ match, chance: 0.05, status: 503 });
      discord.faults.add({ match, chance: 0.05, late: 800 });
    }
    const misfortunes: [what: string, happens: () => unknown][] = [
      ['bot killed', bot.killBot],
      ['painter killed', bot.killPainter],
      ['painter killed', bot.killPainter],
      ['gateway dropped', () => discord.gateway.drop()],
      ['tokens expired', () => discord.interactions.expireTokens()],
      ...(store ? [['store killed', store.restart] as [string, () => unknown]] : []),
      ...(disk ? [['disk full', () => fillDisk(dataDir)] as [string, () => unknown]] : []),
    ];
    const happened: Record<string, number> = {};
    const any = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)]!;

    const asked: { seed: number; answer: Promise<Message | null>; cancelled: boolean }[] = [];
    const ask = (seed: number) => {
      const steps = 1 + Math.floor(random() * 12);
      const one = { seed, cancelled: random() < 0.15, answer: Promise.resolve<Message | null>(null) };
      const [user, channel] = [any(users), any(channels)];
      one.answer = discord
        .as(user)
        .run(channel, 'imagine', { prompt: `a red apple ${seed}`, steps, count: 1, seed })
        // Only its reader sees a refusal; everybody sees what is accepted.
        .then(({ answer }) => (answer.kind === 'message' && !answer.message.onlyFor ? answer.message : null));
      asked.push(one);
      if (!one.cancelled) return;
      void one.answer.then(async (message) => {
        await sleep(300);
        const labels = message ? discord.as(user).labels(message) : [];
        if (labels.includes('Cancel'))
          await discord
            .as(user)
            .press(message!, 'Cancel')
            .catch(() => {});
      });
    };

    const end = Date.now() + SECONDS * 1000;
    const troubled = (async () => {
      while (Date.now() < end) {
        await sleep(2000 + random() * 6000);
        const [what, happens] = any(misfortunes);
        happened[what] = (happened[what] ?? 0) + 1;
        await happens();
      }
    })();
    for (let seed = 1_000_000; Date.now() < end; seed++) {
      ask(seed);
      await sleep(300 + random() * 1500);
    }
    await troubled;
    discord.faults.clear();

    /** How a request ended, as often as it did. */
    const everything = () => channels.flatMap((channel) => discord.messagesIn(channel, alice));
    const endings = (seed: number, first: Message | null): string[] =>
      everything().flatMap((message) => {
        const own = first && (message.id === first.id || message.message_reference?.message_id === first.id);
        if (studio.isResult(message) && message.content.includes(`red apple ${seed}`)) return ['picture'];
        if (own && /not your fault|could not be painted/.test(message.content)) return ['failed'];
        return own && message.content.endsWith('\nCancelled.') ? ['cancelled'] : [];
      });
    const accepted = await Promise.all(asked.map(async ({ answer, ...one }) => ({ ...one, first: await answer })));
    const metric = async (name: string): Promise<number> => {
      const text = await fetch(`http://127.0.0.1:${env.HEALTH_PORT}/metrics`).then((response) => response.text());
      return Number(new RegExp(`^easel_${name} (.+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
    };
    const left = async () => (await metric('queue_length')) + (await metric('undelivered'));
    await expect.poll(() => left().catch(() => -1), { timeout: 300_000, interval: 1000 }).toBe(0);

    const wrong = accepted.flatMap(({ seed, first, cancelled }) => {
      const ended = endings(seed, first);
      const fine = first ? ended.length === 1 : ended.length <= 1;
      return fine && (cancelled || !ended.includes('cancelled')) ? [] : [{ seed, ended, first: first?.content }];
    });
    const count = (how: string) => accepted.filter(({ seed, first }) => endings(seed, first).includes(how)).length;
    console.log(
      `${accepted.length} asked, ${accepted.filter(({ first }) => first).length} accepted: ${count('picture')} pictures, ` +
        `${count('failed')} failed, ${count('cancelled')} cancelled; ${bot.starts()} starts; ${JSON.stringify(happened)}`,
    );
    expect(wrong).toEqual([]);
    expect(count('picture')).toBeGreaterThan(0);
    expect(everything().filter((message) => studio.discord.as(alice).labels(message).includes('Cancel'))).toEqual([]);
  });
});
