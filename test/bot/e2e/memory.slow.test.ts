import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { packageRoot } from '../../../src/package-root.js';
import { freePort } from '../servers.js';
import { Studio } from './harness.js';

// The bot as a process of its own over five hundred jobs, as the unit and the image start it.

const JOBS = 500;
/** Jobs until everything has been used: code is compiled, caches are full. */
const WARM = 250;
/** Between two looks. */
const EVERY = 50;
const MEMBERS = 50;
const MIB = 2 ** 20;
/** V8 by itself collects the buffers of pictures every few hundred jobs only. */
const COLLECTING = ['--expose-gc', '--import', 'data:text/javascript,process.on("SIGUSR2", () => gc())'];

let studio: Studio;
let bot: ChildProcess;
let health: string;
beforeAll(async () => {
  const most = String(2 * JOBS);
  studio = await Studio.withoutBot({ USER_PER_HOUR: most, GUILD_PER_HOUR: most });
  health = `http://127.0.0.1:${await freePort()}`;
  const { PATH, HOME } = process.env;
  bot = spawn(process.execPath, [...COLLECTING, join(packageRoot, 'dist/src/main.js')], {
    env: { PATH, HOME, MALLOC_ARENA_MAX: '2', ...studio.environment, HEALTH_PORT: new URL(health).port },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await studio.discord.until(() => (studio.application.commands.get('')?.length ?? 0) > 0, 120_000);
});
afterAll(async () => {
  const ended = new Promise((resolve) => bot.once('exit', resolve));
  bot.kill();
  await ended;
  await studio.stop();
});

/** MiB: what is used of V8's heap, and what the process holds besides that heap, whose free part comes and goes by a third. */
async function sizes(): Promise<{ heap: number; besides: number }> {
  const read = async () => (await fetch(`${health}/metrics`)).text();
  bot.kill('SIGUSR2');
  // An answer may have been on its way; the next one is of afterwards.
  await read();
  const metrics = await read();
  const metric = (name: string) =>
    Number(new RegExp(`^easel_nodejs_${name}_bytes (\\S+)`, 'm').exec(metrics)![1]) / MIB;
  const resident = Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${bot.pid}/status`, 'utf8'))![1]) / 1024;
  return { heap: metric('heap_size_used'), besides: resident - metric('heap_size_total') };
}

test.runIf(process.platform === 'linux')(
  `${JOBS} jobs leave the bot as large as ${WARM} did`,
  async () => {
    const { discord, guild } = studio;
    const members = Array.from({ length: MEMBERS }, (_, k) => discord.createUser(`member${k}`));
    for (const member of members) discord.join(guild, member);
    const all: { heap: number; besides: number }[] = [];
    for (let k = 0; k < JOBS; k++) {
      const values = { prompt: `a red apple ${k}`, steps: 1, count: 1 };
      const { message } = await discord.as(members[k % MEMBERS]!).run(studio.general, 'imagine', values);
      await studio.finished(message, 60_000);
      if ((k + 1) % EVERY > 0) continue;
      all.push(await sizes());
      console.log(k + 1, 'jobs:', all.at(-1));
    }
    // What the first half held at most is the measure.
    const of = (part: typeof all, what: 'heap' | 'besides') => part.map((size) => size[what]);
    for (const what of ['heap', 'besides'] as const) {
      const most = Math.max(...of(all.slice(0, WARM / EVERY), what));
      expect(Math.min(...of(all.slice(-3), what)), what).toBeLessThan(most + 8);
    }
  },
  3_600_000,
);
